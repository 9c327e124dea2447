import {DougongError} from '../../core/errors.ts';

/** A child process as a tunnel sees it. */
export interface Child {
  stop(): Promise<void>;
}

/** Starts a program; `words` are its arguments, none for a line that a shell takes. Implemented by the command line. */
export type Spawn = (
  program: string,
  words: readonly string[] | undefined,
  on: {line(text: string): void; end(reason: string): void},
) => Child;

/** A way of being reached from outside: started anew whenever it is lost. */
export interface Way {
  /** False for a URL that is there by itself: nothing to start again. */
  restarts: boolean;
  start(local: {host: string; port: number}, on: {url(url: string): void; end(reason: string): void}): Child;
}

const NOTHING: Child = {stop: async () => {}};

/** One's own reverse proxy: the URL is there, or it is not. */
export function publicWay(url: string): Way {
  return {
    restarts: false,
    start(_local, on) {
      on.url(url);
      return NOTHING;
    },
  };
}

const LOCAL_URL = /^https?:\/\/(localhost|127\.|0\.0\.0\.0|\[::1\])/;

/** Any program that prints its public URL; the last one that is not of this machine counts. */
export function commandWay(spawn: Spawn, command: string, fixed: string | undefined): Way {
  return {
    restarts: true,
    start(local, on) {
      let last = '';
      const line = command.replaceAll('{port}', String(local.port)).replaceAll('{host}', local.host);
      const child = spawn(line, undefined, {
        line(text) {
          if (text.trim() !== '') last = text.trim();
          if (fixed !== undefined) return;
          const [found] = (text.match(/https?:\/\/[\w.:[\]-]+(?:\/[\w./~-]*)?/g) ?? []).filter(
            url => !LOCAL_URL.test(url),
          );
          if (found) on.url(found.replace(/[.,)]+$/, ''));
        },
        end: reason => on.end(last ? `${reason}: ${last.slice(0, 200)}` : reason),
      });
      if (fixed !== undefined) on.url(fixed);
      return child;
    },
  };
}

export interface SshTarget {
  user?: string;
  host: string;
  port?: string;
  /** Where the far side listens. */
  bind: {host: string; port: string};
}

/**
 * Reads `ssh://user@host[:22][?bind=0.0.0.0:8010]`.
 *
 * @throws DougongError `usage` TUNNEL_INVALID.
 */
export function readSshTarget(text: string): SshTarget {
  const wrong = () => new DougongError('usage', 'TUNNEL_INVALID', {value: text});
  if (!URL.canParse(text)) throw wrong();
  const url = new URL(text);
  const bind = /^(?:(\[[0-9a-f:]+\]|[\w.*-]+):)?(\d{1,5})$/.exec(url.searchParams.get('bind') ?? '8000');
  // A host that begins with a dash would be a flag of ssh.
  if (url.protocol !== 'ssh:' || !/^[\w[]/.test(url.hostname) || !bind || url.password !== '') throw wrong();
  if (/[^\w.-]/.test(decodeURIComponent(url.username))) throw wrong();
  return {
    host: url.hostname,
    ...(url.username && {user: decodeURIComponent(url.username)}),
    ...(url.port && {port: url.port}),
    bind: {host: bind[1] ?? '0.0.0.0', port: bind[2]!},
  };
}

/** The arguments of the system's ssh: the user's own configuration, agent and known hosts hold; nothing is asked. */
export function sshWords({user, host, port, bind}: SshTarget, local: {host: string; port: number}): string[] {
  const settings = [
    'BatchMode=yes',
    'ExitOnForwardFailure=yes',
    'ServerAliveInterval=10',
    'ServerAliveCountMax=3',
    'ConnectTimeout=15',
  ];
  return [
    '-N',
    '-T',
    ...settings.flatMap(one => ['-o', one]),
    ...(port ? ['-p', port] : []),
    '-R',
    `${bind.host}:${bind.port}:${local.host}:${local.port}`,
    '--',
    user ? `${user}@${host}` : host,
  ];
}

/** A port of a machine of one's own, by the system's OpenSSH. */
export function sshWay(spawn: Spawn, target: SshTarget, fixed: string | undefined): Way {
  return {
    restarts: true,
    start(local, on) {
      let last = '';
      const child = spawn('ssh', sshWords(target, local), {
        line: text => {
          if (text.trim() !== '') last = text.trim();
        },
        end: reason => on.end(last ? `${reason}: ${last.slice(0, 200)}` : reason),
      });
      on.url(fixed ?? `http://${target.host}:${target.bind.port}`);
      return child;
    },
  };
}
