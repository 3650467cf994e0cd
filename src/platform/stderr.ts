import { createHash } from 'node:crypto';

/**
 * What a process that ended said, in words that can be logged: the class of its first error and where in the program
 * it arose. The text itself may quote a file's name, and with it a patient's: only its hash is given, so that two
 * failures can be told to be the same. Empty where it said nothing.
 */
export function errorIn(stderr: string): string {
  if (stderr.trim() === '') return '';
  const [, named] = /^(?:\s*\[?|Uncaught )([A-Z]\w*(?:Error|Exception))\b/m.exec(stderr) ?? [];
  const kind = named ?? (stderr.includes('heap out of memory') ? 'out of memory' : 'an error');
  const [, place] = /\bat [^\n]*\b(src\/[\w./-]+\.ts:\d+)/.exec(stderr) ?? [];
  const hash = createHash('sha256').update(stderr).digest('hex').slice(0, 12);
  return `${kind}${place === undefined ? '' : ` at ${place}`} (${hash})`;
}
