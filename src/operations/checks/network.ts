import {isIP} from 'node:net';
import {isLoopback} from '../../core/environments.ts';
import type {Check, CheckDesk, Outcome} from './types.ts';

const SLOW_MS = 1000;

function target({profile}: CheckDesk): {host: string; port: number; secure: boolean} {
  const url = new URL(profile.base_url);
  const secure = url.protocol === 'https:';
  return {host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || (secure ? 443 : 80), secure};
}

/** A proxy looks names up and connects by itself: what this machine sees directly says nothing. */
function byProxy(desk: CheckDesk): Outcome | undefined {
  const proxy = desk.probes.proxyOf(desk.profile.base_url);
  return proxy && {verdict: 'skip', code: 'BY_PROXY', params: {proxy: `${proxy.host}:${proxy.port}`}};
}

const reasonOf = (error: unknown) => String((error as {code?: string}).code ?? (error as Error).message);

/** Layer 2: the way to the gateway. */
export const networkChecks: readonly Check[] = [
  {
    id: 'network.proxy',
    layer: 'network',
    async run(desk) {
      const proxy = desk.probes.proxyOf(desk.profile.base_url);
      if (!proxy) return {verdict: 'pass', code: 'PROXY_NONE'};
      const params = {proxy: `${proxy.host}:${proxy.port}`};
      try {
        await desk.probes.connect(proxy.host, proxy.port);
        return {verdict: 'pass', code: 'PROXY_USED', params};
      } catch (error) {
        return {verdict: 'fail', code: 'PROXY_DOWN', params: {...params, reason: reasonOf(error)}};
      }
    },
  },
  {
    id: 'network.dns',
    layer: 'network',
    optional: true,
    async run(desk) {
      const {host} = target(desk);
      const skipped = byProxy(desk);
      if (skipped) return skipped;
      if (isIP(host)) return {verdict: 'pass', code: 'DNS_ADDRESS', params: {host}};
      try {
        const found = await desk.probes.resolve(host);
        return {verdict: 'pass', code: 'DNS_FOUND', params: {host, addresses: found.slice(0, 3).join(' ')}};
      } catch (error) {
        return {verdict: 'fail', code: 'DNS_FAILED', params: {host, reason: reasonOf(error)}};
      }
    },
  },
  {
    id: 'network.tcp',
    layer: 'network',
    optional: true,
    needs: ['network.dns'],
    async run(desk) {
      const skipped = byProxy(desk);
      if (skipped) return skipped;
      const {host, port} = target(desk);
      try {
        await desk.probes.connect(host, port);
        return {verdict: 'pass', code: 'TCP_OPEN', params: {host, port: String(port)}};
      } catch (error) {
        return {verdict: 'fail', code: 'TCP_FAILED', params: {host, port: String(port), reason: reasonOf(error)}};
      }
    },
  },
  {
    id: 'network.tls',
    layer: 'network',
    optional: true,
    needs: ['network.tcp'],
    async run(desk) {
      const skipped = byProxy(desk);
      if (skipped) return skipped;
      const {host, port, secure} = target(desk);
      if (!secure) return {verdict: isLoopback(desk.profile.base_url) ? 'pass' : 'fail', code: 'TLS_NONE'};
      try {
        const {subject, issuer, validTo} = await desk.probes.tls(host, port);
        return {verdict: 'pass', code: 'TLS_GOOD', params: {subject, issuer, validTo}};
      } catch (error) {
        return {verdict: 'fail', code: 'TLS_BAD', params: {host, reason: reasonOf(error)}};
      }
    },
  },
  {
    id: 'network.latency',
    layer: 'network',
    optional: true,
    needs: ['network.tcp'],
    async run(desk) {
      const skipped = byProxy(desk);
      if (skipped) return skipped;
      const {host, port} = target(desk);
      try {
        const ms = Math.round(await desk.probes.connect(host, port));
        const slow = ms > SLOW_MS;
        return {
          verdict: slow ? 'warn' : 'pass',
          code: slow ? 'LATENCY_HIGH' : 'LATENCY_GOOD',
          params: {ms: String(ms)},
        };
      } catch (error) {
        return {verdict: 'warn', code: 'TCP_FAILED', params: {host, port: String(port), reason: reasonOf(error)}};
      }
    },
  },
];
