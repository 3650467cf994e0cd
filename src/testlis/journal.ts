import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { z } from 'zod';

const lineSchema = z.strictObject({
  receivedAt: z.iso.datetime(),
  /** MSH-10; null where none could be read. */
  controlId: z.string().nullable(),
  /** What the test LIS did with the message. */
  behaviour: z.string(),
  /** SHA-256 of the bytes between the framing, in hex. */
  sha256: z.string(),
  bytes: z.base64(),
});

/** One received message, as it came. */
export type ReceivedMessage = Omit<z.output<typeof lineSchema>, 'bytes'> & { readonly bytes: Uint8Array };

/** A file with one JSON line for each message. */
export interface Journal {
  /** The line is written, and on the disk where `fsync` was asked for, when this ends. */
  add(message: Omit<ReceivedMessage, 'sha256'>): Promise<void>;
  close(): Promise<void>;
}

export async function openJournal(path: string, fsync: boolean): Promise<Journal> {
  const file = await open(path, 'a+');
  // A line that a crash cut short was never acknowledged, and must not run into the next one.
  await file.truncate((await file.readFile()).lastIndexOf('\n') + 1);
  let last = Promise.resolve();
  const append = async (line: string): Promise<void> => {
    await file.appendFile(line);
    if (fsync) await file.datasync();
  };
  return {
    add({ bytes, ...rest }) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const line = JSON.stringify({ ...rest, sha256, bytes: Buffer.from(bytes).toString('base64') });
      // One line after another, whichever connection it comes from; after a failed write none is taken any more.
      last = last.then(() => append(`${line}\n`));
      return last;
    },
    async close() {
      try {
        await last;
      } finally {
        await file.close();
      }
    },
  };
}

/** All complete lines of a journal, in the order in which the messages came. */
export async function readJournal(path: string): Promise<ReceivedMessage[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => {
    const { bytes, ...rest } = lineSchema.parse(JSON.parse(line));
    return { ...rest, bytes: Buffer.from(bytes, 'base64') };
  });
}
