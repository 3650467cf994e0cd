import { sha256 } from './database.ts';
import type { Shown } from './duplicates.ts';
import { tell } from './hl7.ts';
import { createJournalReader, type JournalLine } from './journal.ts';

/** What one LIS got and answered, by its own journal. */
export interface Receiver {
  /** SHA-256 of the bytes that came under each MSH-10; more than one is a fault. */
  readonly received: ReadonlyMap<string, ReadonlySet<string>>;
  readonly accepted: ReadonlySet<string>;
  /** How often the same bytes came again. */
  readonly repeats: number;
  readonly shown: readonly Omit<Shown, 'destination'>[];
}

/** MSA-1 that takes responsibility. */
const ACCEPTING = new Set(['AA', 'CA']);

/** Reads a journal as it grows; keeps what was said and not the bytes. */
export function createReceiverReader(journal: string): () => Receiver {
  const read = createJournalReader(journal);
  const received = new Map<string, Set<string>>();
  const accepted = new Set<string>();
  const shown: Omit<Shown, 'destination'>[] = [];
  let repeats = 0;

  const take = (line: JournalLine): void => {
    if (line.kind === 'answered') {
      if (ACCEPTING.has(line.code)) accepted.add(line.controlId);
      return;
    }
    const told = tell(line.bytes);
    if (told === null) return;
    const hash = sha256(line.bytes);
    const hashes = received.get(told.controlId) ?? new Set();
    if (hashes.has(hash)) repeats += 1;
    else shown.push({ told, sha256: hash });
    received.set(told.controlId, hashes.add(hash));
  };

  return () => {
    for (const line of read()) take(line);
    return { received, accepted, repeats, shown };
  };
}
