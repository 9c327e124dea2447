import {DougongError} from '../../core/errors.ts';
import type {World} from '../context.ts';

/** Questions, asked on stderr and only of a person: stdin and stderr are terminals. Elsewhere exit 2. */
export interface Prompts {
  readonly canAsk: boolean;
  confirm(question: string): Promise<boolean>;
  ask(
    question: string,
    options?: {initial?: string; secret?: boolean; validate?: (answer: string) => string | undefined},
  ): Promise<string>;
  choose(question: string, choices: {name: string; value: string}[]): Promise<string>;
}

export function makePrompts(world: World, allowed: () => boolean): Prompts {
  const canAsk = () => allowed() && world.isTTY.stdin && world.isTTY.stderr;
  const put = async (question: Record<string, unknown>): Promise<unknown> => {
    if (!canAsk()) throw new DougongError('usage', 'ANSWER_NEEDED', {question: String(question.message)});
    const {default: inquirer} = await import('inquirer');
    const ask = inquirer.createPromptModule({input: world.stdin, output: world.stderr} as never);
    try {
      const answers = (await ask([{...question, name: 'answer'}] as never)) as {answer: unknown};
      return answers.answer;
    } catch (cause) {
      throw new DougongError('interrupted', 'INTERRUPTED', {}, {cause});
    }
  };
  return {
    get canAsk() {
      return canAsk();
    },
    confirm: async message => (await put({type: 'confirm', message, default: false})) === true,
    async ask(message, {initial, secret, validate} = {}) {
      const check = (answer: string) => validate?.(answer) ?? true;
      return String(
        await put({type: secret ? 'password' : 'input', message, default: initial, mask: '*', validate: check}),
      );
    },
    choose: async (message, choices) => String(await put({type: 'select', message, choices})),
  };
}
