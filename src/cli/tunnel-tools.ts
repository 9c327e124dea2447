import {spawn} from 'node:child_process';
import type {Spawn} from '../listen/tunnel/ways.ts';
import type {World} from './context.ts';

const KILL_MS = 3000;

/** Child processes in a group of their own, so that what a shell started ends with it. */
export function makeSpawn(world: World): Spawn {
  return (program, words, on) => {
    const child = spawn(program, words ?? [], {
      shell: words === undefined,
      cwd: world.cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: world.platform !== 'win32',
    });
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        const lines = (rest + text).split(/\r?\n/);
        rest = (lines.pop() ?? '').slice(-4096);
        for (const line of lines) on.line(line);
      });
    }
    let ended = false;
    const gone = new Promise<void>(done => {
      const end = (reason: string) => {
        if (ended) return;
        ended = true;
        on.end(reason);
        done();
      };
      child.on('error', error => end(`${program}: ${(error as {code?: string}).code ?? error.message}`));
      child.on('close', (code, signal) => end(`${words ? program : 'command'} ended with ${signal ?? code}`));
    });
    const kill = (signal: NodeJS.Signals) => {
      if (ended || child.pid === undefined) return;
      if (world.killGroup) world.killGroup(child.pid, signal);
      else child.kill(signal);
    };
    return {
      async stop() {
        kill('SIGTERM');
        const timer = setTimeout(() => kill('SIGKILL'), KILL_MS);
        await gone;
        clearTimeout(timer);
      },
    };
  };
}
