import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const PIECES = 6;

/**
 * Writes every trace of `from` into `into` as a sequencer does: in pieces, the directory at the end last.
 * @returns the names written, in order
 */
export async function playSamples(
  from: string,
  into: string,
  pauseMs: number,
  signal: AbortSignal,
): Promise<string[]> {
  const names = (await readdir(from)).filter((name) => name.endsWith('.ab1')).sort();
  for (const name of names) {
    if (signal.aborted) break;
    await writeInPieces(join(into, name), await readFile(join(from, name)), pauseMs);
  }
  return names;
}

async function writeInPieces(path: string, bytes: Buffer, pauseMs: number): Promise<void> {
  const file = await open(path, 'wx');
  try {
    const size = Math.ceil(bytes.length / PIECES);
    for (let start = 0; start < bytes.length; start += size) {
      await file.write(bytes, start, Math.min(size, bytes.length - start));
      await wait(pauseMs);
    }
  } finally {
    await file.close();
  }
}
