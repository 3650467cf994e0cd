import type { AckReading } from '../hl7/ack.ts';
import type { SendOutcome } from '../outbox/outcome.ts';
import type { Log } from '../platform/log.ts';
import type { Decoded } from './frame.ts';

export type AckReader = (bytes: Uint8Array) => AckReading;

/** What came over a connection, read as an answer. */
export type Answer = Extract<SendOutcome, { kind: 'acknowledged' | 'garbled' }>;

/** What came in place of the answer that was awaited. */
export type Stray = Extract<SendOutcome, { kind: 'foreign-ack' | 'garbled' }>;

export function readAnswer(decoded: Decoded, readAck: AckReader): Answer {
  switch (decoded.kind) {
    case 'noise':
      return { kind: 'garbled', detail: `${decoded.length} bytes ${decoded.reason}` };
    case 'message': {
      const reading = readAck(decoded.bytes);
      return reading.kind === 'ack' ? { kind: 'acknowledged', ack: reading } : reading;
    }
  }
}

/** Where answers end that nobody waits for. */
export interface StrayBin {
  /** A message goes out: the next stray is worth a warning again. */
  begin(): void;
  /** Logs it, and says what it was. `expected`: MSH-10 of the message in flight. */
  drop(answer: Answer, expected: string | null): Stray;
}

/** The first stray after each message is a warning, further ones are for debugging: a peer cannot flood the log. */
export function createStrayBin(destination: string, log: Log): StrayBin {
  let dropped = 0;
  return {
    begin() {
      dropped = 0;
    },
    drop(answer, expected) {
      const stray: Stray =
        answer.kind === 'garbled'
          ? answer
          : { kind: 'foreign-ack', controlId: printable(answer.ack.controlId) };
      const level = dropped++ === 0 ? 'warn' : 'debug';
      log[level]('dropped an answer that nothing waits for', {
        destination,
        expected,
        got: stray.kind === 'garbled' ? stray.detail : stray.controlId,
      });
      return stray;
    },
  };
}

/** MSA-2 of an unknown peer: as much of it as a control ID can be (MSH-10 has at most 20 characters here). */
function printable(controlId: string): string {
  return controlId.slice(0, 20).replaceAll(/[^!-~]/g, '?');
}
