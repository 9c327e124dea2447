// `npm run torture [-- REFUNDS [SEED]]`: the whole of it; exits 0 only where every zero is a zero.
import {crowd, duel, lines, torture} from './money.ts';

const [refunds = '500', seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
const print = (line: string) => void process.stdout.write(`${line}\n`);
print(`seed ${seed}`);
const report = await torture({refunds: Number(refunds), seed: Number(seed), print});
const many = await crowd({rows: 100, seed: Number(seed)});
const two = await duel(10);
for (const line of lines(report)) print(line);
print(
  `4 processes on one file of ${many.rows} rows, ${many.runs} runs: refunded twice ${many.refundedTwice}, missing ${many.missing}, fen apart ${many.fenApart}`,
);
print(`two refunds of 60 on a payment of 100 at once, 10 times: both ${two.both}, none ${two.none}`);
const bad =
  report.refundedTwice +
  report.intentsLost +
  report.settledWrongly +
  report.leftOpen +
  report.secondOrders +
  many.refundedTwice +
  many.missing +
  two.both +
  two.none;
process.exitCode = bad === 0 && report.fenApart === 0n && many.fenApart === 0n ? 0 : 1;
