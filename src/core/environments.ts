/** The gateways Huifu runs, by name. Source: docs/gateway.md#hosts. */
export const GATEWAYS = {
  production: 'https://api.huifu.com',
  test: 'https://opps-stbmertest.testpnr.com',
  'inner-test': 'https://spin-test.cloudpnr.com',
} as const;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Whether a URL stays on this machine. */
export function isLoopback(url: string): boolean {
  return LOOPBACK.test(new URL(url).hostname);
}

/**
 * Names the world that money lives in, by the URL that will be called: production, test, inner-test, or the host and
 * port of anything else. The journal tells payments apart by it, so two sandboxes never mix.
 */
export function environmentOf(baseUrl: string): string {
  const {origin, host} = new URL(baseUrl);
  for (const [name, url] of Object.entries(GATEWAYS)) if (url === origin) return name;
  return isLoopback(baseUrl) ? `sandbox ${host}` : host;
}

/** Whether real money may move: everywhere but on loopback and the two known test hosts. */
export function isLive(baseUrl: string): boolean {
  const {origin} = new URL(baseUrl);
  return !isLoopback(baseUrl) && origin !== GATEWAYS.test && origin !== GATEWAYS['inner-test'];
}
