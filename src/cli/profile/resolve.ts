/** A merchant in an environment, as a command sees it: paths resolved, keys still text. */
export interface Profile {
  name: string;
  base_url: string;
  sys_id: string;
  product_id: string;
  huifu_id?: string;
  /** PEM or base64 text; never printed. */
  private_key?: string;
  huifu_public_keys: string[];
  notify_url?: string;
  sub_appid?: string;
  headers: Record<string, string>;
  webhook_key?: string;
  /** Fen, as text: limits of money.md 6. */
  max_refund?: string;
  max_refund_day?: string;
}
