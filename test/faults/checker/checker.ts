import { readLedger, sha256, type AnalysisRow, type Ledger, type MessageRow } from './database.ts';
import { duplicatesIn, type Shown } from './duplicates.ts';
import { createFolderReader, type Content } from './folder.ts';
import { tell } from './hl7.ts';
import { createJournalReader, type JournalLine } from './journal.ts';

/**
 * Where a finished trace may be. pending: nothing is known of it yet; it lies in the folder and will be found, but
 * once everything has come to rest that is a loss too.
 */
export type Place = 'acknowledged' | 'queued' | 'held' | 'rejected' | 'control' | 'set aside' | 'pending';

export interface Verdict {
  /** Contents in the watched folders. */
  readonly contents: number;
  readonly places: Readonly<Record<Place, number>>;
  /** Contents of which nothing is known yet, by name. */
  readonly pending: readonly string[];
  /** Finished traces that are nowhere, with what is wrong, by name. */
  readonly lost: readonly string[];
  /** What a LIS would show twice. */
  readonly duplicated: readonly string[];
  /** How often the same bytes came again. */
  readonly repeats: number;
  /** Damage of the database, and messages that the LIS has and the database does not know. */
  readonly problems: readonly string[];
}

export interface CheckerOptions {
  readonly folders: readonly string[];
  /** The database file; need not exist yet. */
  readonly database: string;
  /** Journal file by destination. A destination that has none is not held against its receiver. */
  readonly journals: Readonly<Record<string, string>>;
}

/** Judges from files, journals and database alone; uses nothing of the daemon's code and nothing that it counts. */
export interface Checker {
  /** `whole`: looks for damage of the database too, which takes longer. */
  check(options?: { readonly whole?: boolean }): Verdict;
}

/** MSA-1 that takes responsibility. */
const ACCEPTING = new Set(['AA', 'CA']);

export function createChecker({ folders, database, journals }: CheckerOptions): Checker {
  const contentsNow = createFolderReader(folders);
  const readers = Object.entries(journals).map(([name, path]) => ({ name, read: createJournalReader(path) }));
  return {
    check({ whole = false } = {}) {
      // The journal last: what the database calls delivered was in the journal before.
      const contents = contentsNow();
      const ledger = readLedger(database, { whole });
      const lines = new Map(readers.map(({ name, read }) => [name, read()]));
      return judge(contents, ledger, lines);
    },
  };
}

function judge(
  contents: readonly Content[],
  ledger: Ledger,
  journals: ReadonlyMap<string, readonly JournalLine[]>,
): Verdict {
  const receivers = new Map([...journals].map(([name, lines]) => [name, receiverOf(lines)]));
  const places: Record<Place, number> = {
    ...{ acknowledged: 0, queued: 0, held: 0, rejected: 0, control: 0 },
    ...{ 'set aside': 0, pending: 0 },
  };
  const pending: string[] = [];
  const lost: string[] = [];
  const index = indexOf(ledger);
  for (const content of contents) {
    const found = placeOf(content, index, receivers);
    const name = content.names[0] ?? content.sha256;
    if (found.lost !== undefined) lost.push(`${name}: ${found.lost}`);
    else places[found.place] += 1;
    if (found.place === 'pending') pending.push(name);
  }
  return {
    contents: contents.length,
    places,
    pending,
    lost,
    duplicated: duplicatesIn(shownBy(ledger, receivers), ledger),
    repeats: [...receivers.values()].reduce((sum, { repeats }) => sum + repeats, 0),
    problems: [...ledger.damage, ...unknownTo(ledger, receivers)],
  };
}

interface Receiver {
  /** SHA-256 of the bytes that came under each MSH-10; more than one is a fault. */
  readonly received: ReadonlyMap<string, ReadonlySet<string>>;
  readonly accepted: ReadonlySet<string>;
  readonly repeats: number;
  readonly shown: readonly Omit<Shown, 'destination'>[];
}

function receiverOf(lines: readonly JournalLine[]): Receiver {
  const received = new Map<string, Set<string>>();
  const accepted = new Set<string>();
  const shown: Omit<Shown, 'destination'>[] = [];
  let repeats = 0;
  for (const line of lines) {
    if (line.kind === 'answered') {
      if (ACCEPTING.has(line.code)) accepted.add(line.controlId);
      continue;
    }
    const told = tell(line.bytes);
    if (told === null) continue;
    const hash = sha256(line.bytes);
    const hashes = received.get(told.controlId) ?? new Set();
    if (hashes.has(hash)) repeats += 1;
    else shown.push({ told, sha256: hash });
    received.set(told.controlId, hashes.add(hash));
  }
  return { received, accepted, repeats, shown };
}

type Found =
  { readonly place: Place; readonly lost?: undefined } | { readonly place: null; readonly lost: string };

/** The ledger by what is asked for. */
interface Index {
  readonly ledger: Ledger;
  readonly analyses: ReadonlyMap<string, AnalysisRow>;
  readonly ofVersion: ReadonlyMap<number, readonly MessageRow[]>;
  readonly ofResult: ReadonlyMap<string, readonly MessageRow[]>;
}

function indexOf(ledger: Ledger): Index {
  return {
    ledger,
    analyses: new Map(ledger.analyses.map((one) => [one.sha256, one])),
    ofVersion: Map.groupBy(ledger.messages, ({ versionId }) => versionId),
    ofResult: Map.groupBy(ledger.messages, ({ resultKey }) => resultKey),
  };
}

const nowhere = (lost: string): Found => ({ place: null, lost });

function placeOf(content: Content, index: Index, receivers: ReadonlyMap<string, Receiver>): Found {
  const { ledger } = index;
  const analysis = index.analyses.get(content.sha256);
  if (analysis === undefined) {
    return { place: content.names.some((name) => ledger.rejectedFiles.has(name)) ? 'rejected' : 'pending' };
  }
  if (analysis.versionId === null) {
    return ledger.setAside.has(content.sha256)
      ? { place: 'set aside' }
      : nowhere('scored, and without a result');
  }
  switch (analysis.disposition) {
    case 'control':
      return { place: 'control' };
    case 'rejected':
      return { place: 'rejected' };
    case 'held':
      return analysis.reasons === '[]' ? nowhere('held, and nobody is told why') : { place: 'held' };
    case 'released':
      if (analysis.shadow) return { place: 'held' };
      return placeOfReleased(content, analysis, index, receivers);
    case null:
      return nowhere('its result has no disposition');
    default:
      return nowhere(`its result is ${analysis.disposition}`);
  }
}

function placeOfReleased(
  content: Content,
  { versionId, resultKey }: AnalysisRow,
  { ofVersion, ofResult }: Index,
  receivers: ReadonlyMap<string, Receiver>,
): Found {
  // A version that changes nothing for the LIS is told by an earlier message of its result.
  const messages = ofVersion.get(versionId ?? -1) ?? ofResult.get(resultKey ?? '') ?? [];
  const missing = [...receivers.keys()].filter(
    (name) => !messages.some(({ destination }) => destination === name),
  );
  if (messages.length === 0 || missing.length > 0) {
    return nowhere(`released, and there is no message for ${missing.join(', ') || 'anybody'}`);
  }
  let place: Place = 'acknowledged';
  for (const message of messages) {
    const why = whatIsWrong(message, content, receivers.get(message.destination));
    if (why !== null) return nowhere(why);
    if (message.state === 'queued') place = 'queued';
    if (message.state === 'held') place = 'held';
    if (message.state === 'dropped') place = 'rejected';
  }
  return { place };
}

function whatIsWrong(message: MessageRow, content: Content, receiver: Receiver | undefined): string | null {
  const { controlId, state } = message;
  if (state === 'delivered') {
    if (receiver === undefined) return null;
    const received = receiver.received.get(controlId);
    if (received === undefined) return `${controlId} counts as delivered, and the LIS has never seen it`;
    if (!received.has(message.sha256)) return `${controlId} counts as delivered, and the LIS has other bytes`;
    return receiver.accepted.has(controlId)
      ? null
      : `${controlId} counts as delivered, and the LIS never accepted it`;
  }
  if (message.bytes === null) return `${controlId} is ${state} and has no bytes`;
  if (sha256(message.bytes) !== message.sha256) return `${controlId} is ${state} and its bytes have changed`;
  const told = tell(message.bytes);
  if (told?.controlId !== controlId)
    return `${controlId} is ${state} and its bytes name ${told?.controlId ?? 'nothing'}`;
  return content.accession === null || told.accession === content.accession
    ? null
    : `${controlId} names ${told.accession} instead of ${content.accession}`;
}

/** What each LIS shows, or will once the queue is empty. */
function shownBy(ledger: Ledger, receivers: ReadonlyMap<string, Receiver>): Shown[] {
  const shown = [...receivers].flatMap(([destination, { shown: messages }]) =>
    messages.map((message) => ({ ...message, destination })),
  );
  const seen = new Set(
    shown.map(({ destination, told, sha256: hash }) => `${destination} ${told.controlId} ${hash}`),
  );
  for (const { destination, controlId, sha256: hash, state, bytes } of ledger.messages) {
    if (bytes === null || state === 'dropped' || seen.has(`${destination} ${controlId} ${hash}`)) continue;
    const told = tell(bytes);
    if (told !== null) shown.push({ destination, told, sha256: hash });
  }
  return shown;
}

function unknownTo(ledger: Ledger, receivers: ReadonlyMap<string, Receiver>): string[] {
  const known = new Set(ledger.messages.map(({ controlId, sha256: hash }) => `${controlId} ${hash}`));
  return [...receivers].flatMap(([name, { received }]) =>
    [...received].flatMap(([controlId, hashes]) =>
      [...hashes]
        .filter((hash) => !known.has(`${controlId} ${hash}`))
        .map(() => `${name} has ${controlId}, and the database does not know these bytes`),
    ),
  );
}
