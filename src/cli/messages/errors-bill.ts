import type {BillCode} from '../../core/errors.ts';
import type {Sentence} from '../context.ts';

type P = Readonly<Record<string, string>>;
const say = (zh: (p: P) => string, en: (p: P) => string): Sentence<P> => ({zh, en});

const clock = (text = '') =>
  `${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6, 8)} ${text.slice(8, 10)}:${text.slice(10, 12)}`;
const inside = (p: P) => (p.entry ? ` (${p.entry})` : '');

/** Errors of statements. */
export const billErrors: Record<BillCode, Sentence<P>> = {
  BILL_QUOTA: say(
    p =>
      `今天的对账单查询次数已用完(每天最多 ${p.limit} 次)${p.left ? `,还有 ${p.left} 个日期未查` : ''};明天再运行同一命令`,
    p =>
      `today's statement queries are used up (at most ${p.limit} a day)${p.left ? `, ${p.left} dates are left` : ''}; run the same command tomorrow`,
  ),
  BILL_NOT_READY: say(
    p =>
      `${p.date} 的对账单(${p.types})还没有生成${p.stat ? `(状态 ${p.stat})` : ''};北京时间 ${clock(p.at)} 之后再来,或加 --wait`,
    p =>
      `the statement of ${p.date} (${p.types}) is not made yet${p.stat ? ` (state ${p.stat})` : ''}; come back after ${clock(p.at)} Beijing time, or add --wait`,
  ),
  BILL_FAILED: say(
    p => `平台生成 ${p.date} 的对账单(${p.types})失败;可要求重新生成`,
    p => `the platform failed to make the statement of ${p.date} (${p.types}); ask for it to be made again`,
  ),
  BILL_ABSENT: say(
    p => `平台没有给出 ${p.date} 的对账单(${p.types});请确认运营已为该商户开通此类对账单`,
    p =>
      `the platform names no statement of ${p.date} (${p.types}); ask Huifu's operations whether this kind is switched on for the merchant`,
  ),
  BILL_DATE_FUTURE: say(
    p => `${p.value} 还没有结束:最近可取的是 ${p.latest}`,
    p => `${p.value} is not over: the latest day to be had is ${p.latest}`,
  ),
  BILL_DATE_OLD: say(
    p => `${p.value} 超过一年,接口只保留一年(最早 ${p.earliest});更早的在控台下载`,
    p =>
      `${p.value} is more than a year ago; the interface keeps one year (from ${p.earliest}), older ones are in the console`,
  ),
  BILL_MONTH_OPEN: say(
    p => `${p.value} 还没有结束;月对账单在次月生成,最近可取的是 ${p.latest}`,
    p => `${p.value} is not over; a month's statement is made in the next month, the latest to be had is ${p.latest}`,
  ),
  BILL_RANGE: say(
    p => `--from ${p.from} 晚于 --to ${p.to}`,
    p => `--from ${p.from} is later than --to ${p.to}`,
  ),
  BILL_LINK: say(
    p => `${p.file} 的下载链接不可用(HTTP ${p.status}),重新查询后仍然如此;明天再运行同一命令`,
    p => `the link of ${p.file} does not work (HTTP ${p.status}), nor does a new one; run the same command tomorrow`,
  ),
  BILL_LINK_PLAIN: say(
    p => `${p.file} 的下载链接不是 https(${p.host}),没有下载;确认可以接受后加 --allow-http`,
    p =>
      `the link of ${p.file} is not https (${p.host}), nothing was downloaded; if that is acceptable, add --allow-http`,
  ),
  BILL_BROKEN_OFF: say(
    p => `下载 ${p.file} 多次中断,已有 ${p.bytes} 字节;再运行同一命令会接着下载`,
    p =>
      `the download of ${p.file} broke off again and again, ${p.bytes} bytes are here; the same command goes on from there`,
  ),
  BILL_NO_REPLAY: say(
    p => `${p.types} 不能重新生成;可以的是:${p.choices}`,
    p => `${p.types} cannot be made again; these can: ${p.choices}`,
  ),
  BILL_ZIP_PATH: say(
    p => `${p.file} 里的 ${p.entry} 指向目录之外,没有解压;请把文件交给汇付核实`,
    p => `${p.entry} in ${p.file} leads out of the folder; nothing was unpacked, ask Huifu about the file`,
  ),
  BILL_ZIP_LINK: say(
    p => `${p.file} 里的 ${p.entry} 是链接而不是文件,没有解压`,
    p => `${p.entry} in ${p.file} is a link, not a file; nothing was unpacked`,
  ),
  BILL_ZIP_BOMB: say(
    p => `${p.file} 解压后大得不合常理(${p.reason}),没有解压`,
    p => `${p.file} would unpack to an unreasonable size (${p.reason}); nothing was unpacked`,
  ),
  BILL_ZIP_CRC: say(
    p => `${p.file}${inside(p)} 的校验和不符,文件已损坏;再运行同一命令会重新下载`,
    p => `${p.file}${inside(p)} has a wrong checksum and is damaged; the same command downloads it again`,
  ),
  BILL_ZIP_ENCRYPTED: say(
    p => `${p.file}${inside(p)} 有密码;请先自行解压`,
    p => `${p.file}${inside(p)} is encrypted; unpack it yourself first`,
  ),
  BILL_ZIP_NESTED: say(
    p => `${p.file} 里还有压缩包 ${p.entry};请先自行解压`,
    p => `${p.file} holds another archive, ${p.entry}; unpack that one yourself first`,
  ),
  BILL_ZIP_BROKEN: say(
    p => `${p.file}${inside(p)} 不是完好的 zip(${p.reason});再运行同一命令会重新下载`,
    p => `${p.file}${inside(p)} is not a sound zip (${p.reason}); the same command downloads it again`,
  ),
  BILL_NOT_A_FILE: say(
    p => `${p.file} 不是对账单(${p.reason});再运行同一命令会重新下载`,
    p => `${p.file} is not a statement (${p.reason}); the same command downloads it again`,
  ),
};
