import assert from 'node:assert/strict';
import {test} from 'node:test';
import {explanations} from '../../src/cli/messages/explanations.ts';
import {explain} from '../../src/core/explanations.ts';
import {NOON, runIn, tempDir} from '../helpers/cli.ts';

const rows: [string, string][] = [
  ['sub_mch_id与sub_appid不匹配', 'WX_APPID_NOT_BOUND'],
  ['当前商户需补齐相关资料后，才可进行相应的支付交易，请商户联系对接的微信支付服务商', 'WX_REALNAME_MISSING'],
  ['数据权限认证失败', 'DATA_PERMISSION'],
  ['20003', 'API_PERMISSION'],
  ['40002', 'SIGNATURE'],
  ['HTTP 922', 'SIGNATURE'],
  ['00000000', 'HANDLED'],
  ['20000000', 'DUPLICATE'],
  ['23000001', 'NOT_FOUND'],
  ['911', 'HTTP_LIMITED'],
  ['{"resp_code":"10000002","resp_desc":"退款金额大于可退金额"}', 'TOO_MUCH'],
  ['10000015', 'CLOSE_EARLY'],
  ['22000005 手续费费率未配置', 'FEE_RATE'],
  ['未配置默认入驻信息(多通道)', 'WX_ENTRY'],
  ['RESP_SIGN_VERIFY_FAILED', 'SDK_VERIFY'],
  ['socket_timeout_exception', 'SDK_NETWORK'],
  ['托管项目信息不存在', 'HOSTING'],
  ['LS200003', 'SANDBOX_BUSINESS'],
  ['LS000003', 'SANDBOX_SIGNATURE'],
  ['分账列表必须包含主交易账户', 'SPLIT_CONFIG'],
];
for (const [said, key] of rows) {
  test(`"${said.slice(0, 40)}" is explained as ${key}`, () => assert.equal(explain(said)[0], key));
}

test('a text is more specific than the code it came under', () => {
  assert.deepEqual(explain('90000000 sub_mch_id与sub_appid不匹配'), ['WX_APPID_NOT_BOUND', 'BUSINESS']);
});

test('amounts, dates and ids in a log line are not taken for codes', () => {
  assert.deepEqual(explain('trans_amt 922.00 hf_seq_id 0029000topA250804164235P330c'), []);
});

test('explain answers in both languages and says who acts; what it does not know it says', async t => {
  const home = tempDir(t);
  const clock = {now: NOON};
  const en = await runIn(home, clock, 'explain 40002');
  const zh = await runIn(home, clock, 'explain 40002 --lang zh');
  assert.match(en.out, /could not verify our signature[\s\S]*who {2}you/);
  assert.match(zh.out, /验签失败[\s\S]*谁处理 {2}你/);
  const unknown = await runIn(home, clock, 'explain 77777777');
  assert.deepEqual([unknown.code, unknown.out], [4, '']);
});

test('every explanation is whole in both languages', () => {
  for (const [key, one] of Object.entries(explanations)) {
    for (const part of [one.meaning, one.cause, one.remedy]) {
      assert.ok(part.en.length > 3 && /[\u4e00-\u9fff]|^dougong/.test(part.zh), key);
    }
  }
});
