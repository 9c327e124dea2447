import {lookup} from 'node:dns/promises';
import {stat} from 'node:fs/promises';
import {request as httpRequest} from 'node:http';
import {request as httpsRequest} from 'node:https';
import {connect} from 'node:net';
import {performance} from 'node:perf_hooks';
import {rootCertificates, connect as tlsConnect} from 'node:tls';
import {isLoopback} from '../core/environments.ts';
import type {Probes} from '../operations/check-config.ts';
import type {World} from './context.ts';

const LIMIT_MS = 10_000;

/** The machine as check-config sees it. Certificates are judged as for every call. */
export function makeProbes(world: World, ca: string | undefined): Probes {
  const trust = ca === undefined ? {} : {ca: [...rootCertificates, ca]};
  return {
    async mode(file) {
      if (world.platform === 'win32') return undefined;
      return stat(file).then(
        found => found.mode & 0o777,
        () => undefined,
      );
    },
    resolve: async host => (await lookup(host, {all: true})).map(({address}) => address),
    connect: (host, port) =>
      new Promise((resolve, reject) => {
        const begun = performance.now();
        const socket = connect({host, port, timeout: LIMIT_MS}, () => {
          resolve(performance.now() - begun);
          socket.destroy();
        });
        socket.on('timeout', () => socket.destroy(Object.assign(new Error('ETIMEDOUT'), {code: 'ETIMEDOUT'})));
        socket.on('error', reject);
      }),
    tls: (host, port) =>
      new Promise((resolve, reject) => {
        const socket = tlsConnect({host, port, servername: host, timeout: LIMIT_MS, ...trust}, () => {
          const {subject, issuer, valid_to} = socket.getPeerCertificate();
          const name = (one: {CN?: unknown; O?: unknown} | undefined) => String(one?.CN ?? one?.O ?? '-');
          resolve({subject: name(subject), issuer: name(issuer), validTo: valid_to});
          socket.destroy();
        });
        socket.on('timeout', () => socket.destroy(Object.assign(new Error('ETIMEDOUT'), {code: 'ETIMEDOUT'})));
        socket.on('error', reject);
      }),
    head: url =>
      new Promise((resolve, reject) => {
        const send = url.startsWith('https:') ? httpsRequest : httpRequest;
        const call = send(url, {method: 'HEAD', agent: false, timeout: LIMIT_MS, ...trust}, answer => {
          answer.resume();
          resolve({status: answer.statusCode ?? 0, location: answer.headers.location});
        });
        call.on('timeout', () => call.destroy(Object.assign(new Error('ETIMEDOUT'), {code: 'ETIMEDOUT'})));
        call.on('error', reject);
        call.end();
      }),
    proxyOf: url => proxyOf(world.env, url),
  };
}

/** As undici picks it: by the scheme, unless NO_PROXY names the host; loopback never. */
function proxyOf(env: World['env'], url: string): {host: string; port: number} | undefined {
  const {protocol, hostname, port} = new URL(url);
  const secure = protocol === 'https:';
  const plain = env.http_proxy || env.HTTP_PROXY;
  const named = secure ? env.https_proxy || env.HTTPS_PROXY || plain : plain;
  if (!named || isLoopback(url) || !URL.canParse(named)) return undefined;
  const spared = (env.no_proxy || env.NO_PROXY || '').split(/[\s,]+/).filter(Boolean);
  const [bare, full] = [hostname, `${hostname}:${port || (secure ? 443 : 80)}`];
  if (
    spared.some(
      one =>
        one === '*' ||
        one === full ||
        bare === one.replace(/^\*?\./, '') ||
        bare.endsWith(`.${one.replace(/^\*?\./, '')}`),
    )
  )
    return undefined;
  const proxy = new URL(named);
  return {host: proxy.hostname, port: Number(proxy.port) || (proxy.protocol === 'https:' ? 443 : 80)};
}
