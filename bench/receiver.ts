import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const RECEIVER = fileURLToPath(new URL('delivery-receiver.ts', import.meta.url));

/** Runs `work` against a receiver in a process of its own, as a LIS is. */
export async function withReceiver<T>(
  args: readonly string[],
  work: (port: number) => Promise<T>,
): Promise<T> {
  const receiver = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', RECEIVER, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(receiver.stdout, 'data')) as [Buffer];
    return await work(Number(line.toString()));
  } finally {
    const exited = once(receiver, 'exit');
    receiver.kill('SIGTERM');
    await exited;
  }
}

/** One message as the receiver journaled it. */
export interface Received {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** SPM-2: the sample that the message is about. */
  readonly specimen: string;
}

/** Reads on in a journal that is being written; costs little, since it shares the cores with what is measured. */
export function followJournal(path: string) {
  const handle = openSync(path, 'a+');
  const buffer = Buffer.allocUnsafe(1 << 20);
  const received: Received[] = [];
  let rest = '';
  let offset = 0;
  let isHead = true;
  return {
    /** All that was received so far. */
    read: (): readonly Received[] => {
      for (let length = -1; length !== 0; offset += length) {
        length = readSync(handle, buffer, 0, buffer.length, offset);
        const lines = (rest + buffer.toString('latin1', 0, length)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          if (isHead) {
            const [at = '', , specimen = ''] = line.split(' ');
            received.push({ at: Date.parse(at), specimen });
          }
          isHead = !isHead;
        }
      }
      return received;
    },
    close: () => closeSync(handle),
  };
}
