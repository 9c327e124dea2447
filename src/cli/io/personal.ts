import type {Data, Value} from '../../core/wire.ts';

const PERSONAL =
  /^(openid|sub_openid|wx_user_id|buyer_logon_id|buyer_id|buyer_user_id|user_id|mobile|phone|name|mer_dev_location|card_no|cert_no)$|_name$|_phone$|_mobile$|_ip$/;

/** Values of personal fields, at every depth; nested JSON text is looked into. */
export function personalValues(data: Data): string[] {
  const found = new Set<string>();
  const walk = (name: string, value: Value): void => {
    if (typeof value === 'string') {
      if (/^[[{]/.test(value)) {
        try {
          walk(name, JSON.parse(value) as Value);
          return;
        } catch {
          // Text that only looks like JSON.
        }
      }
      if (PERSONAL.test(name) && value !== '') found.add(value);
    } else if (Array.isArray(value)) for (const one of value) walk(name, one);
    else if (value !== null && typeof value === 'object')
      for (const [inner, one] of Object.entries(value)) walk(inner, one);
  };
  for (const [name, value] of Object.entries(data)) walk(name, value);
  return [...found].sort((a, b) => b.length - a.length);
}

/** The text with those values hidden, written plainly or encoded as in a form. */
export function hideValues(text: string, values: readonly string[]): string {
  let out = text;
  for (const value of values) {
    const mask = value.length > 6 ? `${value.slice(0, 2)}***${value.slice(-2)}` : '***';
    const spellings = [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)];
    for (const spelling of spellings) out = out.replaceAll(spelling, mask);
  }
  return out;
}
