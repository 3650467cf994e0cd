import type { Destination } from '../config/schema.ts';
import type { Ack } from '../hl7/ack.ts';

/** What happened to one message, from first connection attempt to answer. */
export type SendOutcome =
  /** The LIS answered this very message (MSA-2 is its control ID). */
  | { readonly kind: 'acknowledged'; readonly ack: Ack }
  /** No connection, so nothing was sent. `code` is the system's, such as ECONNREFUSED. */
  | { readonly kind: 'unreachable'; readonly code: string }
  | { readonly kind: 'connect-timeout'; readonly seconds: number }
  /** Sent, and no answer of any kind in time. */
  | { readonly kind: 'ack-timeout'; readonly seconds: number }
  /** Sent, and the connection ended before an answer. `reused`: it had carried messages before. */
  | { readonly kind: 'closed'; readonly code: string; readonly reused: boolean }
  /** Sent, and until time-out or close only other messages were acknowledged. */
  | { readonly kind: 'foreign-ack'; readonly controlId: string }
  /** Sent, and until time-out or close came only what is no acknowledgement. */
  | { readonly kind: 'garbled'; readonly detail: string }
  /** The LIS said CA, that it has stored the message, and not yet what came of it. */
  | { readonly kind: 'application-timeout'; readonly seconds: number }
  /** An HTTP answer without an acknowledgement in it. */
  | { readonly kind: 'http-status'; readonly status: number }
  /** The message is in a file that is in its place, and safely on the disk. */
  | { readonly kind: 'written'; readonly file: string }
  /** The folder could not be written. `code` is the system's, such as ENOSPC. */
  | { readonly kind: 'unwritable'; readonly code: string }
  /** The message holds bytes that MLLP keeps for itself, so it was not sent. */
  | { readonly kind: 'unsendable' }
  /** The bytes are not those that were recorded, so they were not sent: they could name another patient or value. */
  | { readonly kind: 'damaged' }
  /** This program stopped waiting; whether the LIS has the message is not known. */
  | { readonly kind: 'stopped' };

/**
 * What follows from an outcome. `retry` tells whose trouble it was:
 * - `message`: the LIS refused this one; it alone waits.
 * - `link`: nothing was sent; the destination as a whole waits, and the message is not to blame.
 * - `unclear`: sent but not judged. Both wait, and another message goes first next time: if that one is taken,
 *   the trouble was the message's, and it has not held up the queue.
 * - `stale`: the LIS had left a connection that was kept open; tried at once on a new one.
 */
export type Verdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'hold' }
  | { readonly kind: 'retry'; readonly trouble: 'message' | 'link' | 'unclear' | 'stale' }
  /** Nothing is known, so nothing may be written down. */
  | { readonly kind: 'leave' };

/** ERR-3, from HL7 table 0357. */
const ERRORS: ReadonlyMap<string, string> = new Map([
  ['100', 'segment sequence error'],
  ['101', 'required field missing'],
  ['102', 'data type error'],
  ['103', 'table value not found'],
  ['200', 'unsupported message type'],
  ['201', 'unsupported event code'],
  ['202', 'unsupported processing id'],
  ['203', 'unsupported version id'],
  ['204', 'unknown key identifier'],
  ['205', 'duplicate key identifier'],
  ['206', 'application record locked'],
  ['207', 'application internal error'],
]);
const TEMPORARY_ERRORS: ReadonlySet<string> = new Set(['206', '207']);

/** `rejections`: how often the LIS has refused this message before. */
export function judge(
  outcome: SendOutcome,
  rules: Pick<Destination, 'verdicts' | 'retry'>,
  rejections: number,
): Verdict {
  switch (outcome.kind) {
    case 'acknowledged':
      return judgeAck(outcome.ack, rules, rejections);
    case 'written':
      return { kind: 'delivered' };
    case 'unreachable':
    case 'connect-timeout':
    case 'unwritable':
      return { kind: 'retry', trouble: 'link' };
    case 'closed':
      return { kind: 'retry', trouble: outcome.reused ? 'stale' : 'unclear' };
    case 'ack-timeout':
    case 'application-timeout':
    case 'http-status':
    case 'foreign-ack':
    case 'garbled':
      return { kind: 'retry', trouble: 'unclear' };
    case 'unsendable':
    case 'damaged':
      return { kind: 'hold' };
    case 'stopped':
      return { kind: 'leave' };
  }
}

function judgeAck(ack: Ack, rules: Pick<Destination, 'verdicts' | 'retry'>, rejections: number): Verdict {
  const refused = (): Verdict =>
    rejections + 1 < rules.retry.rejections ? { kind: 'retry', trouble: 'message' } : { kind: 'hold' };
  switch (rules.verdicts[ack.code]) {
    case 'done':
      return { kind: 'delivered' };
    case 'hold':
      return isTemporary(ack) ? refused() : { kind: 'hold' };
    case 'retry':
      return refused();
  }
}

/** The LIS names errors, and none of them is a fault of the message. */
function isTemporary(ack: Ack): boolean {
  return ack.errors.length > 0 && ack.errors.every((error) => TEMPORARY_ERRORS.has(error.code));
}

/** An outcome in words for logs, alerts and lists. Free text of the LIS is left out: it may name a patient. */
export function describeOutcome(outcome: SendOutcome): string {
  switch (outcome.kind) {
    case 'acknowledged':
      return [outcome.ack.code, ...outcome.ack.errors.map(({ code }) => describeError(code))].join(', ');
    case 'unreachable':
      return `could not connect: ${describeCode(outcome.code)}`;
    case 'connect-timeout':
      return `could not connect within ${outcome.seconds} s`;
    case 'ack-timeout':
      return `no answer within ${outcome.seconds} s`;
    case 'closed':
      return `connection closed before an answer: ${describeCode(outcome.code)}`;
    case 'application-timeout':
      return `stored by the LIS (CA), and not acknowledged by its application within ${outcome.seconds} s`;
    case 'http-status':
      return `HTTP status ${outcome.status} without an acknowledgement`;
    case 'written':
      return `written to ${outcome.file}`;
    case 'unwritable':
      return `the folder could not be written: ${outcome.code}`;
    case 'foreign-ack':
      return `the answer was for another message: MSA-2 ${outcome.controlId}`;
    case 'garbled':
      return `the answer was no acknowledgement: ${outcome.detail}`;
    case 'unsendable':
      return 'not sent: the message holds 0x0B or 0x1C, which MLLP keeps for itself';
    case 'damaged':
      return 'not sent: its bytes in the database are not those that were recorded';
    case 'stopped':
      return 'stopped before an answer';
  }
}

/**
 * What the LIS itself said, line by line: MSA-3 and each ERR segment. It may name a patient, so it is kept in the
 * database and shown to a person who asks, and never logged. Null where it said nothing.
 */
export function wordsOfTheLis(outcome: SendOutcome): string | null {
  if (outcome.kind !== 'acknowledged') return null;
  const { text, errors } = outcome.ack;
  const lines = errors.map((error) => {
    const words = [error.code, ERRORS.get(error.code) ?? ''].filter((part) => part !== '').join(' ');
    const place = error.place === undefined ? '' : ` at ${error.place}`;
    return `error${words === '' ? '' : ` ${words}`}${place}${error.text === '' ? '' : `: ${error.text}`}`;
  });
  const all = text === '' ? lines : [text, ...lines];
  return all.length === 0 ? null : all.join('\n').slice(0, LONGEST_WORDS);
}

/** What a receiver says about one message; more is not of use to anybody. */
const LONGEST_WORDS = 4000;

const UNTRUSTED = 'its certificate is signed by nobody whom tls.ca names';
const WRONG_CLIENT = 'the LIS does not accept our certificate';

/** What is not a matter of the network but of certificates, in words. */
const TLS_CODES: ReadonlyMap<string, string> = new Map([
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['CERT_NOT_YET_VALID', 'its certificate is not valid yet'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', UNTRUSTED],
  ['SELF_SIGNED_CERT_IN_CHAIN', UNTRUSTED],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', UNTRUSTED],
  ['CERT_SIGNATURE_FAILURE', UNTRUSTED],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'the LIS asks for our certificate (tls.cert)'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', WRONG_CLIENT],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', WRONG_CLIENT],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', WRONG_CLIENT],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'there is no TLS at that port'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'there is no TLS at that port'],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', 'it speaks only an older TLS than tls.minVersion'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'it speaks only another TLS than tls.minVersion'],
]);

function describeCode(code: string): string {
  const words = TLS_CODES.get(code);
  return words === undefined ? code : `${words} (${code})`;
}

function describeError(code: string): string {
  const words = ERRORS.get(code);
  // A code of the LIS's own could be any text.
  return words === undefined ? 'an error of its own kind' : `${code} ${words}`;
}
