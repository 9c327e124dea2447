// Statements against DuckDB itself: what reading by heading, exact amounts and safe cells cost. Each reference is run in
// the same minute by the same machine, as processes of their own.
import {spawn} from 'node:child_process';
import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

const BIN = join(process.cwd(), 'bin/dougong.js');

interface Ran {
  ms: number;
  /** Peak memory in MB, as the kernel counted it. */
  mb: number;
  out: string;
}

/** Runs a program and watches its peak memory, where the kernel shows it. */
function run(words: string[], cwd: string, accept: number[] = [0]): Promise<Ran> {
  const begun = performance.now();
  return new Promise((resolve, reject) => {
    const [program = '', ...rest] = words;
    const child = spawn(program, rest, {
      cwd,
      env: {...process.env, DOUGONG_HOME: cwd},
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let peak = 0;
    const watch = setInterval(() => {
      try {
        const text = readFileSync(`/proc/${child.pid}/status`, 'utf8');
        peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(text)?.[1] ?? 0) / 1024);
      } catch {
        // It has ended.
      }
    }, 20);
    let out = '';
    child.stdout.on('data', piece => {
      out += piece;
    });
    child.on('close', code => {
      clearInterval(watch);
      if (!accept.includes(code ?? -1)) reject(new Error(`${words.join(' ')} exited ${code}`));
      else resolve({ms: performance.now() - begun, mb: Math.round(peak), out});
    });
  });
}

/** DuckDB alone: read_csv and COPY with its defaults, nothing checked. */
const bare = (sql: string) => [
  process.execPath,
  '--input-type=module',
  '-e',
  `import {createRequire} from 'node:module';
   const {DuckDBInstance} = createRequire(${JSON.stringify(join(process.cwd(), 'package.json'))})('@duckdb/node-api');
   const c = await (await DuckDBInstance.create(':memory:', {memory_limit: '384MB', temp_directory: '.'})).connect();
   const r = await c.runAndReadAll(${JSON.stringify(sql)}); process.stdout.write(JSON.stringify(r.getRowsJson()));`,
];

export async function benchBills(print: (line: string) => void, {large = true} = {}): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'dougong-bench-'));
  const dougong = (words: string, accept?: number[]) => run([process.execPath, BIN, ...words.split(' ')], home, accept);
  await dougong('sandbox bill-data --rows 400000 --seed 7 --out b400k --json');
  const [zip] = readdirSync(join(home, 'b400k'));
  const unzip = await run(['unzip', '-o', '-q', `b400k/${zip}`, '-d', 'plain'], home);
  const [csv] = readdirSync(join(home, 'plain'));
  const read = `read_csv('plain/${csv}', header = true, all_varchar = true)`;
  for (const [format, options] of [
    ['csv', 'FORMAT csv, HEADER true'],
    ['parquet', 'FORMAT parquet, COMPRESSION zstd'],
  ] as const) {
    const reference = await run(bare(`COPY (SELECT * FROM ${read}) TO 'ref.${format}' (${options})`), home);
    const ours = await dougong(`bill convert b400k --out ours.${format} --json`);
    const against = reference.ms + unzip.ms;
    print(
      `bill convert, 400,000 rows x 30 columns, zip -> ${format}: ${(ours.ms / 1000).toFixed(2)} s, ${(ours.ms / against).toFixed(2)}x of unzip + DuckDB's COPY (${(against / 1000).toFixed(2)} s)  aim 1.6x`,
    );
  }
  await dougong('sandbox bill-data --rows 1000000 --seed 7 --plain --out b1m --orders orders.csv --planted 100 --json');
  const parts =
    "['" +
    readdirSync(join(home, 'b1m'))
      .map(name => `b1m/${name}`)
      .join("', '") +
    "']";
  const join1m = await run(
    bare(
      `SELECT count(*)::VARCHAR FROM read_csv(${parts}, header = true, all_varchar = true) b FULL JOIN read_csv('orders.csv', header = true, all_varchar = true) o ON b.请求流水号 = o.req_seq_id AND b.请求日期 = o.req_date`,
    ),
    home,
  );
  const ours = await dougong('bill reconcile --bill b1m --orders orders.csv --json', [4]);
  const {classes} = JSON.parse(ours.out).result as {classes: {class: string; rows: string}[]};
  const exact = classes.length === 11 && classes.every(({rows}) => rows === '100');
  print(
    `bill reconcile, 1,000,000 x 1,000,000: ${(ours.ms / 1000).toFixed(2)} s, ${(ours.ms / join1m.ms).toFixed(2)}x of the bare DuckDB join (${(join1m.ms / 1000).toFixed(2)} s), 11 x 100 planted differences ${exact ? 'found, none invented' : 'NOT found exactly'}; peak ${ours.mb} MB  aim 1.5x`,
  );
  if (large) {
    rmSync(join(home, 'b1m'), {recursive: true});
    await dougong('sandbox bill-data --rows 4000000 --seed 7 --out b4m --json');
    const four = await dougong('bill convert b4m --out ours4.parquet --json');
    const size = statSync(join(home, 'ours4.parquet')).size;
    print(
      `bill convert, 4,000,000 rows in ten parts, zip -> parquet (${Math.round(size / 1e6)} MB): ${(four.ms / 1000).toFixed(1)} s, peak ${four.mb} MB  aim 600 MB`,
    );
  }
  rmSync(home, {recursive: true, force: true});
}
