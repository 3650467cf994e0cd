import type { SendOutcome } from '../outbox/outcome.ts';
import { readAnswer } from './answer.ts';
import type { AckReader, Stray, StrayBin } from './answer.ts';
import type { Connection } from './connection.ts';
import { startDeadline } from './deadline.ts';
import { encodeFrame } from './frame.ts';

export interface Exchange {
  readonly connection: Connection;
  readonly message: { readonly controlId: string; readonly bytes: Uint8Array };
  /** The connection has carried messages before this one. */
  readonly reused: boolean;
  /** How long to wait for the answer. */
  readonly seconds: number;
  /** Where CA only says that the message is stored: how long to wait then for the application's answer. */
  readonly applicationSeconds: number | null;
  readonly readAck: AckReader;
  readonly strays: StrayBin;
  readonly signal: AbortSignal | undefined;
}

/**
 * Writes one message and waits for its own acknowledgement. Whatever else arrives is dropped and the wait goes on;
 * where nothing better follows, the last of it is the outcome.
 */
export function exchange(options: Exchange): Promise<SendOutcome> {
  const { connection, message, reused, seconds, applicationSeconds, readAck, strays, signal } = options;
  return new Promise((resolve) => {
    let stray: Stray | null = null;
    let stored = false;

    const settle = (outcome: SendOutcome): void => {
      cancelDeadline();
      signal?.removeEventListener('abort', onAbort);
      // From here on, until the next message, every answer is a stray.
      connection.listen({
        onDecoded: (decoded) => void strays.drop(readAnswer(decoded, readAck), null),
        onEnd: () => undefined,
      });
      resolve(outcome);
    };
    const giveUp = (outcome: SendOutcome): void => {
      const begun = connection.pending();
      if (begun > 0) settle({ kind: 'garbled', detail: `${begun} bytes of a frame that never ended` });
      else settle(stray ?? outcome);
    };
    const onAbort = (): void => {
      settle({ kind: 'stopped' });
    };
    let cancelDeadline = startDeadline(seconds, () => {
      giveUp({ kind: 'ack-timeout', seconds });
    });
    /** CA, where more follows: the LIS has the message, and what it makes of it is still to come. */
    const waitForApplication = (longer: number): void => {
      stored = true;
      cancelDeadline();
      cancelDeadline = startDeadline(longer, () => {
        giveUp({ kind: 'application-timeout', seconds: longer });
      });
    };

    strays.begin();
    connection.listen({
      onDecoded(decoded) {
        const answer = readAnswer(decoded, readAck);
        const ours = answer.kind === 'acknowledged' && answer.ack.controlId === message.controlId;
        if (!ours) stray = strays.drop(answer, message.controlId);
        else if (answer.ack.code !== 'CA' || applicationSeconds === null) settle(answer);
        else if (!stored) waitForApplication(applicationSeconds);
      },
      onEnd(code) {
        giveUp({ kind: 'closed', code, reused: reused && !stored });
      },
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    connection.write(encodeFrame(message.bytes));
  });
}
