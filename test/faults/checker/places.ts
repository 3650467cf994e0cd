import { stampOf, type AnalysisRow, type Ledger, type MessageRow, type VersionRow } from './database.ts';
import { nameOf, type Content } from './folder.ts';
import type { Receiver } from './received.ts';

/**
 * Where a finished trace may be. pending: nothing is known of it yet; it lies in the folder and will be found, but
 * once everything has come to rest that is a loss too.
 */
export type Place = 'acknowledged' | 'queued' | 'held' | 'rejected' | 'control' | 'set aside' | 'pending';

export type Found =
  { readonly place: Place; readonly lost?: undefined } | { readonly place: null; readonly lost: string };

/** A content in a folder, or one that was analysed and is gone from there: then nothing but its hash is known. */
type Sought = Content | (Pick<Content, 'sha256'> & { readonly files?: undefined });

const nowhere = (lost: string): Found => ({ place: null, lost });

/** Tells of each content where it is, by what the database says and the receivers have. */
export function createFinder(
  ledger: Ledger,
  receivers: ReadonlyMap<string, Receiver>,
): (content: Sought) => Found {
  const analyses = new Map(ledger.analyses.map((one) => [one.sha256, one]));
  const versionsOf = Map.groupBy(ledger.versions, ({ analysisId }) => analysisId);
  const rejections = new Set(ledger.rejections);
  const messagesFor = createMessageFinder(ledger, [...receivers.keys()]);

  const isUnusable = ({ files = [] }: Sought): boolean =>
    files.length > 0 &&
    files.every(
      ({ path, size, mtimeNs }) =>
        ledger.unusable.has(stampOf(path, size, mtimeNs)) && rejections.has(nameOf(path)),
    );

  const judge = (content: Sought, { id, sha256 }: AnalysisRow): Found => {
    const versions = versionsOf.get(id) ?? [];
    const last = versions.at(-1);
    if (last === undefined) {
      return ledger.setAside.has(sha256) ? { place: 'set aside' } : nowhere('scored, and without a result');
    }
    let place = placeBy(last);
    for (const version of versions) {
      if (version.status === null || version.shadow) continue;
      const { messages, missing } = messagesFor(version);
      if (missing !== null)
        return nowhere(`${version.status} reported, and there is no message for ${missing}`);
      for (const message of messages) {
        const why = whatIsWrong(message, content, receivers.get(message.destination));
        if (why !== null) return nowhere(why);
      }
      if (version === last && version.disposition === 'released') place = placeOf(messages);
    }
    if (place !== null) return { place };
    return nowhere(`its result is ${last.disposition}, and nobody is told why`);
  };

  return (content) => {
    const analysis = analyses.get(content.sha256);
    if (analysis !== undefined) return judge(content, analysis);
    return { place: isUnusable(content) ? 'rejected' : 'pending' };
  };
}

/** The place that needs no message; null where a person has to be told why, and is not. */
function placeBy({ disposition, shadow, reasons }: VersionRow): Place | null {
  switch (disposition) {
    case 'control':
      return 'control';
    case 'held':
    case 'rejected':
      return reasons === '[]' ? null : disposition;
    default:
      return disposition === 'released' && shadow ? 'held' : null;
  }
}

function placeOf(messages: readonly MessageRow[]): Place {
  const states = new Set(messages.map(({ state }) => state));
  if (states.has('queued')) return 'queued';
  if (states.has('held')) return 'held';
  return states.has('dropped') ? 'rejected' : 'acknowledged';
}

interface Telling {
  readonly messages: readonly MessageRow[];
  /** The destinations that are told nothing of it; null where there is none. */
  readonly missing: string | null;
}

/** Finds what tells of a version: messages of its own, or where it says nothing new those of the version before. */
function createMessageFinder(
  { versions, messages }: Ledger,
  destinations: readonly string[],
): (version: VersionRow) => Telling {
  const ofVersion = Map.groupBy(messages, ({ versionId }) => versionId);
  const ofResult = Map.groupBy(versions, ({ resultKey }) => resultKey);

  /** What a destination was told of the result before; a message that a person dropped told it nothing. */
  const before = (version: VersionRow, destination: string): VersionRow | undefined =>
    ofResult
      .get(version.resultKey)
      ?.findLast(
        ({ id }) =>
          id < version.id &&
          ofVersion.get(id)?.some((one) => one.destination === destination && one.state !== 'dropped'),
      );

  return (version) => {
    const own = ofVersion.get(version.id) ?? [];
    const untold = destinations.filter((name) => !own.some(({ destination }) => destination === name));
    const told = untold.map((name) => ({ name, version: before(version, name) }));
    const missing = told.filter((one) => !saysTheSame(one.version, version)).map(({ name }) => name);
    const earlier = told.flatMap((one) =>
      (ofVersion.get(one.version?.id ?? -1) ?? []).filter(({ destination }) => destination === one.name),
    );
    return { messages: [...own, ...earlier], missing: missing.length === 0 ? null : missing.join(', ') };
  };
}

function saysTheSame(before: VersionRow | undefined, { status, value }: VersionRow): boolean {
  // That there is no result is news only to one that has one.
  if (status === 'X') return before === undefined || before.status === 'X';
  return before?.status === status && before.value === value;
}

function whatIsWrong(message: MessageRow, content: Sought, receiver: Receiver | undefined): string | null {
  const { controlId, state, bytes } = message;
  if (bytes !== null) {
    if (bytes.sha256 !== message.sha256) return `${controlId} is ${state} and its bytes have changed`;
    const { told } = bytes;
    if (told?.controlId !== controlId)
      return `${controlId} is ${state} and its bytes name ${told?.controlId ?? 'nothing'}`;
    const accession = content.files === undefined ? null : content.accession;
    if (accession !== null && told.accession !== accession)
      return `${controlId} names ${told.accession} instead of ${accession}`;
  }
  if (state !== 'delivered') return bytes === null ? `${controlId} is ${state} and has no bytes` : null;
  if (receiver === undefined) return null;
  const received = receiver.received.get(controlId);
  if (received === undefined) return `${controlId} counts as delivered, and the LIS has never seen it`;
  if (!received.has(message.sha256)) return `${controlId} counts as delivered, and the LIS has other bytes`;
  return receiver.accepted.has(controlId)
    ? null
    : `${controlId} counts as delivered, and the LIS never accepted it`;
}
