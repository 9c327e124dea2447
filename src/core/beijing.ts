/** Beijing keeps UTC+8 all year; the gateway's dates and times are Beijing's, whatever zone this machine is in. */
const OFFSET_MS = 8 * 3_600_000;

const iso = (epochMs: number): string => new Date(epochMs + OFFSET_MS).toISOString();

/** The Beijing day of an instant (epoch ms) as yyyyMMdd. */
export function beijingDate(epochMs: number): string {
  return iso(epochMs).slice(0, 10).replaceAll('-', '');
}

/** The Beijing time of an instant (epoch ms) as yyyyMMddHHmmss. */
export function beijingTime(epochMs: number): string {
  return iso(epochMs).slice(0, 19).replace(/[-T:]/g, '');
}

/** For people: "2026-11-24 15:04:05", Beijing. */
export function beijingClock(epochMs: number): string {
  return iso(epochMs).slice(0, 19).replace('T', ' ');
}

/** The instant (epoch ms) of a Beijing yyyyMMdd or yyyyMMddHHmmss; undefined for a day or time that does not exist. */
export function beijingInstant(text: string): number | undefined {
  const m = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?$/.exec(text);
  if (!m) return undefined;
  const [y, mo, d, h, mi, s] = m.slice(1).map(part => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (h > 23 || mi > 59 || s > 59) return undefined;
  const utc = Date.UTC(y, mo - 1, d, h, mi, s);
  const back = new Date(utc);
  if (back.getUTCFullYear() !== y || back.getUTCMonth() !== mo - 1 || back.getUTCDate() !== d) return undefined;
  return utc - OFFSET_MS;
}

/** yyyyMMdd from "20261122" or "2026-11-22"; undefined where the day does not exist. */
export function readDay(text: string): string | undefined {
  const m = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const day = m ? `${m[1]}${m[2]}${m[3]}` : text;
  return /^\d{8}$/.test(day) && beijingInstant(day) !== undefined ? day : undefined;
}

/** The day so many days later (or earlier), yyyyMMdd; the day given must exist. */
export function addDays(day: string, days: number): string {
  return beijingDate(beijingInstant(day)! + days * 86_400_000);
}

/** yyyyMM from "202610" or "2026-10"; undefined where the month does not exist. */
export function readMonth(text: string): string | undefined {
  const month = text.replace(/^(\d{4})-(\d{2})$/, '$1$2');
  return /^\d{6}$/.test(month) && beijingInstant(`${month}01`) !== undefined ? month : undefined;
}

/** The first and the last day of a month (yyyyMM), yyyyMMdd. */
export function monthDays(month: string): {first: string; last: string} {
  const first = `${month}01`;
  const inNext = addDays(first, 31);
  return {first, last: addDays(`${inNext.slice(0, 6)}01`, -1)};
}
