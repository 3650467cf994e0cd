import { readFile } from 'node:fs/promises';
import type { AlertMessage } from './message.ts';

/** What became of a message. `problem` is logged: it names neither a URL nor a password. */
export type AlertSent =
  | { readonly kind: 'sent' }
  /** Some of its addresses will never take it: sent again, the others would get it twice. */
  | { readonly kind: 'partly'; readonly problem: string }
  | { readonly kind: 'failed'; readonly problem: string };

/** Sends one message within the time limit; never throws. */
export type SendAlert = (message: AlertMessage, signal: AbortSignal) => Promise<AlertSent>;

/** The one line of a file that holds a secret. The error names the key, and not the content. */
export async function secretLine(key: string, file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw new Error(`${key} cannot be read (${code})`, { cause });
  }
  const line = text.trim();
  if (line === '' || /\p{Cc}/u.test(line)) throw new Error(`${key} must hold one line of text`);
  return line;
}
