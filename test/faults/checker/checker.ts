import { readAlarms } from './alarms.ts';
import { readLedger, type Ledger } from './database.ts';
import { duplicatesIn, type Shown } from './duplicates.ts';
import { createFolderReader, nameOf, type Content } from './folder.ts';
import { createFinder, type Found, type Place } from './places.ts';
import { createReceiverReader, type Receiver } from './received.ts';

export interface Verdict {
  /** Contents in the watched folders. */
  readonly contents: number;
  readonly places: Readonly<Record<Place, number>>;
  /** Where those are that were analysed and do not lie in the folders any more. */
  readonly gone: Readonly<Record<Place, number>>;
  /** Contents of which nothing is known yet, by name. */
  readonly pending: readonly string[];
  /** Finished traces that are nowhere, with what is wrong, by name; by hash where their file is gone. */
  readonly lost: readonly string[];
  /** What a LIS would show twice. */
  readonly duplicated: readonly string[];
  /** How often the same bytes came again. */
  readonly repeats: number;
  /** How often a file was ever rejected unread; also one that was taken later. */
  readonly rejections: number;
  /** Destinations with messages that wait for a person, whom no alarm calls. It comes a moment after the message. */
  readonly untold: readonly string[];
  /** Damage of the database, and messages that the LIS has and the database does not know. */
  readonly problems: readonly string[];
}

export interface CheckerOptions {
  readonly folders: readonly string[];
  /** The database file; need not exist yet. */
  readonly database: string;
  /** The file in which the service keeps its alarms; need not exist yet. */
  readonly alarms: string;
  /** Journal file by destination. A destination that has none is not held against its receiver. */
  readonly journals: Readonly<Record<string, string>>;
}

/** Judges from files, journals and database alone; uses nothing of the daemon's code and nothing that it counts. */
export interface Checker {
  /** `whole`: looks for damage of the database too, which takes longer. */
  check(options?: { readonly whole?: boolean }): Verdict;
}

export function createChecker({ folders, database, alarms, journals }: CheckerOptions): Checker {
  const contentsNow = createFolderReader(folders);
  const readers = Object.entries(journals).map(([name, path]) => ({
    name,
    read: createReceiverReader(path),
  }));
  return {
    check({ whole = false } = {}) {
      // The journal last: what the database calls delivered was in the journal before.
      const contents = contentsNow();
      const raised = readAlarms(alarms);
      const ledger = readLedger(database, { whole });
      const receivers = new Map(readers.map(({ name, read }) => [name, read()]));
      return { ...judge(contents, ledger, receivers), untold: untoldOf(ledger, raised) };
    },
  };
}

function judge(
  contents: readonly Content[],
  ledger: Ledger,
  receivers: ReadonlyMap<string, Receiver>,
): Omit<Verdict, 'untold'> {
  const find = createFinder(ledger, receivers);
  const places = noneAnywhere();
  const gone = noneAnywhere();
  const pending: string[] = [];
  const lost: string[] = [];
  const count = (among: Record<Place, number>, name: string, found: Found): void => {
    if (found.lost !== undefined) lost.push(`${name}: ${found.lost}`);
    else among[found.place] += 1;
    if (found.place === 'pending') pending.push(name);
  };
  for (const content of contents) {
    const [file] = content.files;
    count(places, file === undefined ? content.sha256 : nameOf(file.path), find(content));
  }
  const here = new Set(contents.map(({ sha256 }) => sha256));
  const away = new Set(ledger.analyses.map(({ sha256 }) => sha256).filter((hash) => !here.has(hash)));
  for (const sha256 of away) count(gone, sha256.slice(0, 12), find({ sha256 }));
  return {
    contents: contents.length,
    ...{ places, gone, pending, lost },
    duplicated: duplicatesIn(shownBy(ledger, receivers), ledger),
    repeats: [...receivers.values()].reduce((sum, { repeats }) => sum + repeats, 0),
    rejections: ledger.rejections.length,
    problems: [...ledger.damage, ...unknownTo(ledger, receivers)],
  };
}

const noneAnywhere = (): Record<Place, number> => ({
  ...{ acknowledged: 0, queued: 0, held: 0, rejected: 0, control: 0 },
  ...{ 'set aside': 0, pending: 0 },
});

function untoldOf({ messages }: Ledger, raised: ReadonlySet<string>): string[] {
  const holding = new Set(
    messages.filter(({ state }) => state === 'held').map(({ destination }) => destination),
  );
  // A destination that is not configured any more has an alarm of another kind.
  return [...holding].filter((name) => !raised.has(`held:${name}`) && !raised.has(`queue:${name}`));
}

/** What each LIS shows, or will once the queue is empty. */
function shownBy(ledger: Ledger, receivers: ReadonlyMap<string, Receiver>): Shown[] {
  const shown = [...receivers].flatMap(([destination, { shown: messages }]) =>
    messages.map((message) => ({ ...message, destination })),
  );
  const hasSeen = (destination: string, controlId: string, hash: string): boolean =>
    receivers.get(destination)?.received.get(controlId)?.has(hash) === true;
  for (const { destination, controlId, sha256: hash, state, bytes } of ledger.messages) {
    const told = bytes?.told ?? null;
    if (told === null || state === 'dropped' || hasSeen(destination, controlId, hash)) continue;
    shown.push({ destination, told, sha256: hash });
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
