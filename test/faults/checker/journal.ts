import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** A message as the receiver wrote it down before it answered. */
export interface Received {
  readonly kind: 'received';
  readonly at: string;
  readonly bytes: Buffer;
}

/** Written before the answer's first byte is sent. */
export interface Answered {
  readonly kind: 'answered';
  readonly at: string;
  readonly controlId: string;
  /** MSA-1. */
  readonly code: string;
}

export type JournalLine = Received | Answered;

/** Reads what was added since the last call; keeps all lines. A last line without its end is left for later. */
export function createJournalReader(path: string): () => readonly JournalLine[] {
  const lines: JournalLine[] = [];
  let at = 0;
  return () => {
    const added = readFrom(path, at);
    const end = added.lastIndexOf(0x0a) + 1;
    at += end;
    for (const line of added.subarray(0, end).toString('utf8').split('\n')) {
      if (line !== '') lines.push(parse(line));
    }
    return lines;
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

function readFrom(path: string, at: number): Buffer {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(fstatSync(file).size - at);
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, at));
  } finally {
    closeSync(file);
  }
}
