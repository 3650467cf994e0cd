import type { Category } from '../context/context.ts';
import type { Status } from '../clonality/score.ts';
import type { ControlKind, ControlVerdict } from '../release/controls.ts';
import type { EntryState } from '../outbox/entry.ts';
import type { Refusal } from '../result/refusal.ts';
import type { Tier } from '../risk/classify.ts';
import type { Disposition } from '../store/results.ts';
import type { FolderState } from '../watch/finding.ts';

/** What commands say to people, in one language. A text that is missing in one does not compile. */
export interface Words {
  readonly language: 'en' | 'ja';
  readonly statuses: Readonly<Record<Status, string>>;
  readonly tiers: Readonly<Record<Tier, string>>;
  readonly dispositions: Readonly<Record<Disposition, string>>;
  readonly entryStates: Readonly<Record<EntryState, string>>;
  readonly folderStates: Readonly<Record<FolderState, string>>;
  readonly common: CommonWords;
  readonly status: StatusWords;
  readonly review: ReviewWords;
  readonly queue: QueueWords;
  readonly score: ScoreWords;
  readonly check: CheckWords;
  readonly demo: DemoWords;
  readonly restore: RestoreWords;
  readonly retention: RetentionWords;
  readonly audit: AuditWords;
  readonly control: ControlWords;
  readonly cutoffs: CutoffsWords;
  readonly orders: OrdersWords;
}

export interface CommonWords {
  readonly configUnusable: string;
  readonly noAccession: string;
  readonly noValue: string;
  readonly builtIn: string;
  readonly unknown: string;
  /** A length of time in its largest unit. */
  readonly age: (count: number, unit: 's' | 'min' | 'h' | 'days') => string;
  /** Such as `Cv 0.73 high R4`; values as they are reported. */
  readonly risk: (cv: string, tier: string, region: string | null) => string;
}

export interface StatusWords {
  readonly notRunning: string;
  readonly running: (pid: string, since: string) => string;
  readonly state: (age: string, version: string, config: string) => string;
  readonly folder: (
    folder: string,
    state: string,
    detail: string,
    files: number,
    unfinished: number,
  ) => string;
  readonly notRead: (path: string, detail: string) => string;
  readonly worklist: (rows: number) => string;
  readonly lisUp: (name: string) => string;
  readonly lisDown: (name: string, since: string, outcome: string) => string;
  readonly alarm: (key: string, text: string, age: string) => string;
  readonly queue: (destination: string, queued: number, oldest: string | null, held: number) => string;
  readonly queueEmpty: string;
  readonly restored: (at: string, backup: string, madeAt: string) => string;
  readonly held: (held: number, waiting: number) => string;
  readonly heldOne: (key: string, accession: string, file: string, age: string) => string;
  readonly lastDay: (
    files: number,
    analyses: Readonly<Record<Status, number>>,
    released: Readonly<Record<Tier, number>>,
    delivered: number,
  ) => string;
  readonly latency: (median: number, p95: number) => string;
}

export interface ReviewWords {
  readonly nothingWaits: string;
  readonly refused: (why: Refusal) => string;
  readonly stillHeld: (key: string, reasons: string) => string;
  readonly since: (disposition: string, at: string) => string;
  readonly waitsUntil: (at: string) => string;
  readonly interval: (interval: string | null) => string;
  readonly picture: (path: string) => string;
  readonly noPicture: (why: string) => string;
  readonly version: (
    version: number,
    at: string,
    disposition: string,
    report: string | null,
    by: string,
  ) => string;
  readonly lisKeeps: (key: string, risk: string, report: string) => string;
  readonly heldInstead: (reasons: string) => string;
  readonly takesItsPlace: (sent: string) => string;
  readonly sentTo: (controlId: string, destination: string) => string;
  readonly nothingSent: string;
  readonly untold: (key: string, destination: string) => string;
}

/** What a person may wish of a message. */
export type QueueWish = 'retried' | 'held' | 'dropped' | 'resent' | 'moved';

export interface QueueWords {
  readonly nothingWaits: string;
  readonly unknown: (id: number) => string;
  readonly line: (
    item: {
      readonly id: number;
      readonly state: string;
      readonly destination: string;
      readonly controlId: string;
      readonly resultKey: string;
      readonly createdAt: string;
      readonly attempts: number;
    },
    nextAttemptAt: string | null,
  ) => string;
  readonly textRemoved: string;
  readonly textDamaged: string;
  readonly theLis: (line: string) => string;
  readonly notPossible: (id: number, state: string, wish: QueueWish) => string;
  readonly resendRemoved: (id: number, state: string) => string;
  readonly resendSuperseded: (id: number, state: string, later: number | null) => string;
  readonly messages: (count: number) => string;
  readonly messagesOf: (count: number, all: number) => string;
  readonly waitFor: (count: number, destination: string) => string;
  /** `other` came after it for the same result; or is the same for `destination`. */
  readonly leftSuperseded: (id: number, other: number, destination: string) => string;
  readonly leftThere: (id: number, other: number, destination: string) => string;
  readonly leftWaiting: (count: number, destination: string) => string;
}

export interface ScoreWords {
  readonly noSample: string;
  readonly noCv: (status: string) => string;
  readonly verdict: (cv: string, low: string, high: string, tier: string, status: string) => string;
  readonly picture: (path: string) => string;
  readonly noSuchFile: (path: string) => string;
  readonly cannotList: (path: string, detail: string) => string;
  readonly noTraces: (path: string, endings: readonly string[]) => string;
  readonly tooLarge: (bytes: number, maxMiB: number) => string;
  readonly beingWritten: string;
  readonly gone: string;
  readonly notAFile: string;
  readonly unreadable: (code: string) => string;
}

export interface CheckWords {
  readonly faults: (count: number) => string;
  readonly labels: Readonly<
    Record<
      'config' | 'data' | 'assay' | 'cutoffs' | 'watch' | 'worklist' | 'lis' | 'warning' | 'valid',
      string
    >
  >;
  readonly from: (id: string, file: string, version: string) => string;
  readonly cutoffs: (intermediate: string, high: string, sil2r: string, version: string) => string;
  readonly noWorklist: string;
  readonly destination: (name: string, transport: string, processingId: string) => string;
  readonly noWarnings: string;
  readonly warnings: (count: number) => string;
}

export interface DemoWords {
  readonly title: (version: string) => string;
  readonly folder: string;
  readonly lis: string;
  readonly received: (address: string, file: string) => string;
  readonly log: string;
  readonly header: readonly [string, string, string, string, string, string, string, string];
  readonly control: string;
  readonly held: (codes: string) => string;
  readonly noLis: string;
}

export interface RestoreWords {
  readonly runs: (dataDir: string) => string;
  readonly sound: (backup: string, at: string) => string;
  readonly waited: (queued: number, held: number) => string;
  readonly nothingSince: string;
  readonly unknownSince: (why: string) => string;
  readonly since: (events: number, released: number) => string;
  readonly decisions: string;
  readonly nobodyToAsk: string;
  readonly question: string;
  /** What has to be answered to go on. */
  readonly yes: string;
  readonly nothingChanged: string;
  readonly done: string;
  readonly aside: (folder: string) => string;
  readonly messagesHeld: (count: number) => readonly string[];
  readonly tracesHeld: readonly string[];
}

export interface RetentionWords {
  readonly classes: Readonly<Record<'figures' | 'messages' | 'analyses', string>>;
  readonly kept: (count: number, oldest: string | null) => string;
  readonly due: (
    due: number,
    days: number,
    before: string,
    kib: number,
    dry: boolean,
    kept: number,
    oldest: string | null,
  ) => string;
}

export interface AuditWords {
  readonly whole: (rows: number, head: string) => string;
  readonly broken: (row: number, found: string) => string;
}

export interface ControlWords {
  readonly noRun: string;
  readonly kinds: Readonly<Record<ControlKind, string>>;
  readonly verdicts: Readonly<Record<ControlVerdict, string>>;
}

export interface CutoffsWords {
  readonly since: (version: number, hash: string, at: string, by: string, reason: string) => string;
  readonly notInForce: (hash: string) => string;
  /** Such as `Cv 0.25 and 0.50, sIL-2R 1000 U/mL (Saito et al.)`. */
  readonly values: (intermediate: string, high: string, sil2r: string, source: string) => string;
  readonly inForceAlready: string;
  readonly inForce: (version: number, hash: string, values: string) => string;
  readonly wouldMove: (moved: number, all: number) => string;
  readonly nothingChanged: string;
  readonly corrected: (results: number, messages: number) => string;
  readonly decideFirst: (key: string) => string;
}

export interface OrdersWords {
  readonly nothing: string;
  readonly nothingSaid: (accession: string) => string;
  readonly order: string;
  readonly inDoubt: string;
  readonly noTrace: string;
  readonly unmatched: (sil2r: string, whose: string, origin: string) => string;
  readonly specimen: (accession: string) => string;
  readonly patient: (id: string) => string;
  readonly refused: (
    type: string,
    message: string,
    sender: string,
    answer: string,
    problem: string,
    times: number,
    last: string,
  ) => string;
  readonly takenInPart: (type: string, message: string, sender: string, remarks: string) => string;
  readonly noOrderNumber: string;
  readonly orderNumber: (order: string) => string;
  readonly categories: Readonly<Record<Category, string>>;
  readonly unknownCodes: (category: string, codes: string) => string;
  readonly sil2r: (value: string) => string;
  readonly unknownSil2r: string;
  readonly tooOld: (sil2r: string, days: number, maxDays: number) => string;
  readonly undated: (sil2r: string) => string;
  readonly noOrder: string;
  readonly by: (field: string, source: string, origin: string, at: string) => string;
  readonly history: string;
}
