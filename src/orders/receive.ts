import { createHash } from 'node:crypto';
import { saysTheSame, type NewStatement } from '../context/statement.ts';
import { encodeFrame } from '../deliver/frame.ts';
import { buildAck, type AckCode } from '../hl7/ack.ts';
import { decodeLossy, encode, type Charset } from '../hl7/charset.ts';
import { readMessage, type ReadMessage } from '../hl7/read.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { isPassing, type SqliteFault } from '../store/failure.ts';
import type { Problem } from '../store/inbox.ts';
import type { Store } from '../store/store.ts';
import { readText } from './charset.ts';
import { envelopeOf, interpret, type Envelope, type Interpretation } from './interpret.ts';
import type { ReadingRules } from './taken.ts';
import { PROBLEM_CODES } from './unreadable.ts';

/** The framed answer to a message; null where there is nothing that could be answered, and the peer is hung up on. */
export type Reply = Uint8Array | null;

export interface ReceiverDeps {
  readonly store: Pick<Store, 'transaction' | 'orders' | 'inbox' | 'audit'>;
  readonly rules: ReadingRules;
  /** Character set of messages that name none. */
  readonly charset: Charset;
  readonly clock: Clock;
  readonly log: Log;
  /** Something new is in the store. */
  readonly onStored: () => void;
  /** What kind of failure of the store an error is; null where it is none. */
  readonly faultOf: (error: unknown) => SqliteFault | null;
  /** The store takes nothing now: `full` or `busy`; null: it does again. */
  readonly onStoreFault: (fault: string | null) => void;
}

/**
 * Takes one HL7 message: reads it, stores what it says, and only then answers. A message that was accepted before is
 * accepted again and changes nothing, so a sender that missed the answer may repeat it; only what a corrected
 * configuration makes of it is new.
 * @throws what the store throws, where it is damaged
 */
export function createReceiver(deps: ReceiverDeps): (bytes: Uint8Array) => Reply {
  const { store, rules, clock, log } = deps;
  let answers = 0;

  const answer = (
    message: ReadMessage,
    charset: Charset,
    code: AckCode,
    problem: Problem | null,
  ): Uint8Array => {
    const at = clock.now();
    answers = (answers + 1) % 100_000;
    const error =
      problem === null
        ? {}
        : {
            text: problem.place === null ? problem.text : `${problem.place} ${problem.text}`,
            error: {
              code: problem.code,
              text: problem.text,
              ...(problem.place === null ? {} : { place: problem.place }),
            },
          };
    const controlId = `A${at.getTime()}${String(answers).padStart(5, '0')}`;
    const text = buildAck(message, { code, controlId, at, timeZone: rules.timeZone, ...error });
    const encoded = encode(text, charset);
    return encodeFrame(encoded.ok ? encoded.bytes : new TextEncoder().encode(text));
  };

  /** Of a message that was accepted before: read otherwise by now (a test code was added), and not replaced since. */
  const isNews = (statement: NewStatement): boolean => {
    const last = store.orders.last(statement);
    return last === null || (last.origin === statement.origin && !saysTheSame(last, statement));
  };

  const keep = (
    envelope: Envelope,
    sha256: string,
    read: Interpretation,
  ): { readonly code: 'AA' | 'AE' | 'AR'; readonly problem: Problem | null } => {
    const now = clock.now();
    const { statements, remarks } = read.kind === 'taken' ? read : { statements: [], remarks: [] };
    const refused = read.kind === 'refused' ? read : null;
    const problem = refused?.problem ?? null;
    const code = refused?.answer ?? 'AA';
    const about = { ...envelope, sha256 };
    const outcome = store.transaction(() => {
      const accepted = code === 'AA' && store.inbox.knows(about);
      const row = store.inbox.record({ ...about, answer: code, problem, remarks }, now);
      const repeated = accepted || row.times > 1;
      const news = repeated ? statements.filter(isNews) : statements;
      for (const statement of news) {
        store.orders.say(statement, now);
        store.audit.append({
          at: now,
          actor: envelope.sender,
          action: AUDITED[statement.kind],
          subject: statement.accession ?? envelope.controlId,
          detail: { message: envelope.controlId, type: envelope.type, key: statement.key },
        });
      }
      if (problem !== null && !repeated) {
        const { code: number, text, place } = problem;
        store.audit.append({
          at: now,
          actor: envelope.sender,
          action: 'message.refused',
          subject: envelope.controlId,
          detail: { answer: code, code: number, place, problem: text },
        });
      }
      return { said: news.length, repeated };
    });
    deps.onStoreFault(null);
    const fields = { statements: outcome.said, remarks: remarks.length, repeated: outcome.repeated };
    if (problem === null) log.info('A message was taken', fields);
    else
      log.warn('A message was refused; raisingd orders list names it', { answer: code, code: problem.code });
    if (outcome.said > 0) deps.onStored();
    return { code, problem };
  };

  /** What came from outside must not end the service because it cannot be echoed. */
  const reply = (...about: Parameters<typeof answer>): Reply => {
    try {
      return answer(...about);
    } catch (error) {
      log.error('An answer could not be written; the connection is closed', { error: nameOf(error) });
      return null;
    }
  };

  return (bytes) => {
    const sha256 = createHash('sha256').update(withoutHeader(bytes)).digest('hex');
    const text = readText(bytes, deps.charset);
    const whole = readMessage(text.ok ? text.text : decodeLossy(bytes, text.charset));
    // Where the rest cannot be read the first line still says whom to answer.
    const header = whole.ok
      ? whole
      : readMessage(decodeLossy(bytes, text.charset).split(/[\r\n]/, 1)[0] ?? '');
    if (!header.ok) {
      log.warn('What came is no HL7 message; the connection is closed', { bytes: bytes.length });
      return null;
    }
    const detail = text.ok
      ? whole.ok
        ? null
        : whole.detail
      : `${text.detail}; see MSH-18 and orders.mllp.charset`;
    const read: Interpretation =
      detail === null
        ? interpret(header.message, rules)
        : {
            kind: 'refused',
            answer: 'AE',
            problem: { code: PROBLEM_CODES.segmentSequence, text: detail, place: text.ok ? null : 'MSH-18' },
          };
    try {
      const { code, problem } = keep(envelopeOf(header.message), sha256, read);
      return reply(header.message, text.charset, code, problem);
    } catch (error) {
      const fault = deps.faultOf(error);
      if (!isPassing(fault)) throw error;
      deps.onStoreFault(fault);
      // Nothing is acknowledged that is not on the disk.
      const problem = {
        code: PROBLEM_CODES.internal,
        text: 'could not be stored now; send it again',
        place: null,
      };
      return reply(header.message, text.charset, 'AR', problem);
    }
  };
}

/** The text of an error may quote the message. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}

const AUDITED = {
  order: 'order.received',
  cancelled: 'order.cancelled',
  doubtful: 'order.doubtful',
  sil2r: 'sil2r.received',
  'sil2r-withdrawn': 'sil2r.withdrawn',
} as const;

/** All behind the first line end: MSH-7 may differ when a sender repeats itself. */
function withoutHeader(bytes: Uint8Array): Uint8Array {
  const end = bytes.findIndex((byte) => byte === 0x0d || byte === 0x0a);
  return end === -1 ? bytes : bytes.subarray(end);
}
