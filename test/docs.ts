// `npm run docs`: prints docs/commands.md from --help. test/docs.test.ts compares.
import {readFileSync, writeFileSync} from 'node:fs';
import {Writable} from 'node:stream';
import {fileURLToPath} from 'node:url';
import type {DougongCommand} from '../src/cli/commander.ts';
import type {World} from '../src/cli/context.ts';
import {EXIT_CODES, makeProgram} from '../src/cli/main.ts';
import {makeContext} from '../src/cli/make-context.ts';
import {checks, layers} from '../src/cli/messages/check.ts';
import {CHECKS} from '../src/operations/check-config.ts';
import {SCENARIOS} from '../src/sandbox/merchants.ts';

const MEANINGS: Record<string, string> = {
  usage: 'flags, or an answer needed and no terminal',
  config: 'profile or key missing or wrong',
  refused: "the gateway's signed no, or F, or an unsigned rejection of the envelope",
  signature: 'an answer is not genuine; it is not used',
  network: 'never sent; safe to send again',
  'unknown-outcome': 'money: bytes left and no verified answer; ask, never send again',
  pending: 'waiting ended, or must go on later',
  local: 'disk, lock, permission, port',
  interrupted: 'Ctrl-C before anything was sent',
};

/** The whole of docs/commands.md. */
export async function commandsPage(): Promise<string> {
  const sink = new Writable({write: (_chunk, _encoding, done) => done()});
  const world = {
    env: {DOUGONG_LANG: 'en', DOUGONG_HOME: '/tmp/none'},
    cwd: '/',
    stdin: process.stdin,
    stdout: sink,
    stderr: sink,
    isTTY: {stdin: false, stdout: false, stderr: false},
    columns: 100,
    home: '/',
    version: '0.0.0',
    now: () => 0,
  } as unknown as World;
  const program = await makeProgram(makeContext([], world), 'all');
  const parts: string[] = [];
  const walk = (command: DougongCommand, path: string) => {
    let text = '';
    const writeOut = (words: string) => {
      text += words;
    };
    command.configureOutput({writeOut});
    command.outputHelp();
    parts.push(`## ${path}\n\n\`\`\`\n${text.trim()}\n\`\`\`\n`);
    for (const child of command.commands) walk(child as DougongCommand, `${path} ${child.name()}`);
  };
  walk(program, 'dougong');
  const codes = Object.entries(EXIT_CODES).map(([kind, code]) => `| ${code} | ${kind} | ${MEANINGS[kind]} |`);
  const table = [
    '| exit | kind | meaning |',
    '|---|---|---|',
    '| 0 | | done, or accepted and still P (stderr says what to type next) |',
    '| 1 | | a bug; the stack is shown |',
    ...codes,
  ];
  return `# Commands\n\nPrinted from \`--help\` by \`npm run docs\`.\n\n## Exit codes\n\n${table.join('\n')}\n\n\`pay\`, \`refund\` and \`close\` exit 4 on F; \`query\` exits 0 on F unless \`--exit-status\` is given.\n\n${parts.join('\n')}`;
}

/** Tables that stand between markers in other pages, by page and name. */
export function tables(): Record<string, Record<string, string>> {
  const needed = (optional?: boolean) => (optional ? 'no' : 'yes');
  const rows = CHECKS.map(
    ({id, layer, needs = [], optional}) =>
      `| \`${id}\` | ${layers[layer].en} | ${checks[id].en} | ${needs.map(one => `\`${one}\``).join(', ')} | ${needed(optional)} |`,
  );
  const head = '| id | layer | what is looked at | needs | counts for ready |\n|---|---|---|---|---|\n';
  return {
    'docs/check-config.md': {checks: `${head}${rows.join('\n')}`},
    'docs/sandbox.md': {scenarios: SCENARIOS.map(name => `\`${name}\``).join(', ')},
  };
}

/** The page with its marked tables printed anew. */
export function printTables(text: string, parts: Record<string, string>): string {
  return Object.entries(parts).reduce(
    (page, [name, table]) =>
      page.replace(
        new RegExp(`<!-- ${name} -->[\\s\\S]*?<!-- /${name} -->`),
        () => `<!-- ${name} -->\n\n${table}\n\n<!-- /${name} -->`,
      ),
    text,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync('docs/commands.md', await commandsPage());
  for (const [page, parts] of Object.entries(tables()))
    writeFileSync(page, printTables(readFileSync(page, 'utf8'), parts));
  process.stdout.write(`docs/commands.md: ${readFileSync('docs/commands.md', 'utf8').split('\n').length} lines\n`);
}
