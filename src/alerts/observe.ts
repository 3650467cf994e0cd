import type { AlertsConfig } from '../config/alerts.ts';
import type { AlertKey } from './kinds.ts';
import { duration } from './words.ts';

/** What is looked at every few seconds, as values. */
export interface Observation {
  /** A row for each configured destination. `waitedMs`: for how long its oldest unsent message waits. */
  readonly queues: readonly {
    readonly destination: string;
    readonly queued: number;
    readonly waitedMs: number;
  }[];
  /** The same of destinations that are not configured, or were not. */
  readonly orphans: readonly { readonly destination: string; readonly waiting: number }[];
  /** Results that wait for a person, and for how long the first of them. */
  readonly review: { readonly count: number; readonly waitedMs: number };
  /** Free bytes on the disk of dataDir; null where that cannot be told. */
  readonly freeBytes: number | null;
  /** For how long the clock has not been synchronised, milliseconds; 0 where it is, null where that cannot be told. */
  readonly unsyncedMs: number | null;
  /** By how much the clock has jumped since the last look, milliseconds. */
  readonly jumpMs: number;
}

/** What follows from an observation for one episode. */
export interface Finding {
  readonly key: AlertKey;
  /** begin: raised unless it lasts. end: ended if it lasts. happen: told, and over. */
  readonly then: 'begin' | 'end' | 'happen';
  readonly text: string;
}

const MIB = 2 ** 20;
/** Freed space has to be worth the word: without it, an episode would end and begin with every file. */
const FREED = 1.2;
/** Time servers come and go. */
const UNSYNCED_MS = 15 * 60_000;
/** Corrections of a clock that is followed are smaller by far. */
const JUMP_MS = 60_000;

type Limits = Pick<AlertsConfig, 'unsentMinutes' | 'heldHours' | 'freeMiB'>;

/** Which episodes begin and end. */
export function judgeObservation(seen: Observation, limits: Limits): readonly Finding[] {
  return [
    ...seen.queues.map((queue) => unsent(queue, limits.unsentMinutes)),
    ...seen.orphans.map(orphan),
    review(seen.review, limits.heldHours),
    ...space(seen.freeBytes, limits.freeMiB),
    ...clock(seen),
  ];
}

function unsent(queue: Observation['queues'][number], minutes: number): Finding {
  const { destination, queued, waitedMs } = queue;
  const key: AlertKey = `unsent:${destination}`;
  if (waitedMs < minutes * 60_000)
    return { key, then: 'end', text: `${destination} gets its messages in time again` };
  const messages = queued === 1 ? '1 message waits' : `${queued} messages wait`;
  return { key, then: 'begin', text: `${messages} for ${destination}, the oldest for ${duration(waitedMs)}` };
}

/** Messages for a name that is not configured (any more) are kept, and somebody has to know. */
function orphan({ destination, waiting }: Observation['orphans'][number]): Finding {
  const key: AlertKey = `queue:${destination}`;
  if (waiting === 0) return { key, then: 'end', text: `No message waits for ${destination} any more` };
  const text =
    `${waiting} messages wait for ${destination}, which is not configured: ` +
    `raisingd queue move --from ${destination} --to NAME, or configure it again`;
  return { key, then: 'begin', text };
}

function review({ count, waitedMs }: Observation['review'], hours: number): Finding {
  if (waitedMs < hours * 3_600_000)
    return { key: 'review', then: 'end', text: 'Held results are looked at in time again' };
  const results = count === 1 ? '1 held result waits' : `${count} held results wait`;
  return {
    key: 'review',
    then: 'begin',
    text: `${results} for a person, the oldest for ${duration(waitedMs)}`,
  };
}

function space(freeBytes: number | null, wanted: number): Finding[] {
  if (freeBytes === null) return [];
  const free = Math.floor(freeBytes / MIB);
  const text = `${free} MiB are free on the disk of the data folder`;
  if (free < wanted) return [{ key: 'space', then: 'begin', text: `Only ${text}` }];
  return free < wanted * FREED ? [] : [{ key: 'space', then: 'end', text: `${text}, enough again` }];
}

function clock({ unsyncedMs, jumpMs }: Observation): Finding[] {
  const found: Finding[] = [];
  if (unsyncedMs === 0)
    found.push({ key: 'clock:sync', then: 'end', text: 'The clock of this machine is synchronised again' });
  if (unsyncedMs !== null && unsyncedMs >= UNSYNCED_MS)
    found.push({ key: 'clock:sync', then: 'begin', text: 'The clock of this machine is not synchronised' });
  if (Math.abs(jumpMs) >= JUMP_MS) {
    const where = jumpMs > 0 ? 'forward' : 'back';
    const text = `The clock of this machine jumped ${where} by ${duration(Math.abs(jumpMs))}`;
    found.push({ key: 'clock:jump', then: 'happen', text });
  }
  return found;
}
