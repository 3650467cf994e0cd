import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A message as the receiver wrote it down before it answered. */
export interface Received {
  readonly kind: 'received';
  readonly at: string;
  readonly bytes: Buffer;
}

/** Written before the answer's last byte is sent: what has it whole had it written down. */
export interface Answered {
  readonly kind: 'answered';
  readonly at: string;
  readonly controlId: string;
  /** MSA-1. */
  readonly code: string;
}

export type JournalLine = Received | Answered;

/** So much is read at once: a journal of half a million messages is longer than a string can be. */
const PIECE = 16 * 2 ** 20;

/** Each call gives what was added since the last one. A last line without its end is left for later. */
export function createJournalReader(path: string): () => Generator<JournalLine> {
  let at = 0;
  return function* () {
    const file = openSync(path, 'r');
    try {
      for (;;) {
        const piece = Buffer.allocUnsafe(Math.min(PIECE, fstatSync(file).size - at));
        const end = piece.subarray(0, readSync(file, piece, 0, piece.length, at)).lastIndexOf(0x0a) + 1;
        if (end === 0) return;
        at += end;
        for (const line of piece.toString('utf8', 0, end - 1).split('\n')) yield parse(line);
      }
    } finally {
      closeSync(file);
    }
  };
}

function parse(line: string): JournalLine {
  const value = JSON.parse(line) as {
    kind: string;
    at: string;
    bytes: string;
    controlId: string;
    code: string;
  };
  const { at, controlId, code } = value;
  return value.kind === 'answered'
    ? { kind: 'answered', at, controlId, code }
    : { kind: 'received', at, bytes: Buffer.from(value.bytes, 'base64') };
}
