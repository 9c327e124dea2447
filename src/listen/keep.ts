import type {ForwardResult, Kept, NewNotice, NoticeStore} from '../journal/notices.ts';

interface Waiting {
  notice: NewNotice;
  done(kept: Kept): void;
  failed(error: Error): void;
}

/** Messages and results that may wait for one commit. */
const MAX_BATCH = 256;
/** How long a batch may wait to become as large as the one before: a small part of what a commit takes. */
const HOLD_MS = 2;
const MAX_WAITING = 4096;

/**
 * Keeps messages durably in batches: whoever waits for `keep` has a commit behind him, fdatasync and all.
 *
 * What arrives while the event loop does other work is committed together. Under load a batch waits up to 2 ms to become
 * as large as the one before it, since the disk costs the same for one message as for a hundred; a single message never
 * waits.
 */
export class Keeper {
  readonly #store: Pick<NoticeStore, 'commit'>;
  readonly #failed: (error: Error) => void;
  readonly #kept: (results: readonly number[]) => void;
  #waiting: Waiting[] = [];
  #results: ForwardResult[] = [];
  #scheduled = false;
  #last = 1;
  #since = 0;

  /** @param on told after every commit, and when one was not possible. */
  constructor(
    store: Pick<NoticeStore, 'commit'>,
    on: {kept(results: readonly number[]): void; failed(error: Error): void},
  ) {
    this.#store = store;
    this.#failed = on.failed;
    this.#kept = on.kept;
  }

  /**
   * Resolves when the message is on the disk.
   *
   * @throws whatever the store threw; an Error where too many wait already.
   */
  keep(notice: NewNotice): Promise<Kept> {
    if (this.#waiting.length >= MAX_WAITING) return Promise.reject(new Error('too many messages wait for the store'));
    return new Promise((done, failed) => {
      if (this.#waiting.length === 0) this.#since = performance.now();
      this.#waiting.push({notice, done, failed});
      this.#schedule();
    });
  }

  /** What became of a forward; kept with the next commit, at the latest by `flush`. */
  note(result: ForwardResult): void {
    this.#results.push(result);
    this.#schedule();
  }

  /** Commits what waits, now. */
  flush(): void {
    while (this.#waiting.length > 0 || this.#results.length > 0) if (!this.#commit()) return;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const few = this.#waiting.length < this.#last;
      if (few && performance.now() - this.#since < HOLD_MS) this.#schedule();
      else this.flush();
    });
  }

  #commit(): boolean {
    const batch = this.#waiting.splice(0, MAX_BATCH);
    this.#last = batch.length;
    const results = this.#results.splice(0, MAX_BATCH);
    try {
      const kept = this.#store.commit(
        batch.map(({notice}) => notice),
        results,
      );
      for (const [at, {done}] of batch.entries()) done(kept[at]!);
      this.#kept(results.map(({id}) => id));
      return true;
    } catch (error) {
      for (const {failed} of batch) failed(error as Error);
      // A result that could not be written is written with the next commit; until then the forward counts as not done.
      this.#results.unshift(...results);
      this.#failed(error as Error);
      return false;
    }
  }
}
