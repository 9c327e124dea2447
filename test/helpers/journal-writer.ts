// Writes refunds into a journal without end and says each on stdout once it is durable; the test freezes it at will.
import {writeSync} from 'node:fs';
import {openJournal} from '../../src/journal/sqlite.ts';

const file = process.argv[2]!;
const store = await openJournal(file, {now: () => Date.now()});
const payment = {environment: 'x', huifu_id: '1', req_date: '20261124', req_seq_id: 'p'};
for (let at = 0; ; at += 1) {
  const number = `r${at}`;
  const own = {...payment, req_seq_id: `p${at}`};
  const {intent} = await store.intend(own, () => ({
    kind: 'refund',
    environment: 'x',
    profile: 'p',
    huifu_id: '1',
    req_date: '20261124',
    req_seq_id: number,
    payment: own,
    amount: BigInt(at),
    text: 'x'.repeat(3000),
    path: '/',
  }));
  writeSync(1, `${number} intended\n`);
  await store.sent(intent.id, 'intended', 'me', Date.now() + 1);
  writeSync(1, `${number} sent\n`);
  await store.answer(intent.id, {state: 'pending', what: 'answered'});
  writeSync(1, `${number} pending\n`);
}
