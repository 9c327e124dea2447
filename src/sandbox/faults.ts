import type {EndpointName} from '../core/endpoints/index.ts';
import type {Fault, FaultKind} from './types.ts';

/** The faults that are armed, and a seeded chance for those with a probability. */
export class Faults {
  readonly #armed: (Fault & {left: number})[] = [];
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  arm(fault: Fault): void {
    this.#armed.push({...fault, left: fault.times ?? (fault.probability === undefined ? 1 : Number.POSITIVE_INFINITY)});
  }

  clear(): void {
    this.#armed.length = 0;
  }

  /** The faults that strike this call, used up by it. */
  strike(endpoint: EndpointName | 'download' | 'unknown'): Map<FaultKind, Fault> {
    const struck = new Map<FaultKind, Fault>();
    for (const fault of this.#armed) {
      if (fault.left <= 0 || (fault.endpoint && fault.endpoint !== endpoint) || struck.has(fault.kind)) continue;
      if (fault.probability !== undefined && this.#chance() >= fault.probability) continue;
      fault.left -= 1;
      struck.set(fault.kind, fault);
    }
    return struck;
  }

  /** xorshift32: the same seed strikes the same calls. */
  #chance(): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) / 2 ** 32;
  }
}
