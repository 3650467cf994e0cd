import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Bench } from './case.ts';

/** A strace that is attached to a running process. */
export interface Tracer {
  /** Resolves when it has ended: the process is gone, or it was detached. */
  readonly ended: Promise<void>;
  detach(): Promise<void>;
}

/** Attaches; resolves when every thread of the process is traced. Null where the process was gone already. */
export async function attach(
  bench: Bench,
  [command = '', ...args]: readonly string[],
): Promise<Tracer | null> {
  const strace = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  bench.onEnd(() => strace.kill('SIGKILL'));
  const ended = once(strace, 'exit').then(() => undefined);
  let said = '';
  const attached = await new Promise<boolean>((resolve) => {
    strace.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes(' attached')) resolve(true);
    });
    void ended.then(() => resolve(false));
  });
  return attached
    ? {
        ended,
        async detach() {
          strace.kill('SIGINT');
          await ended;
        },
      }
    : null;
}
