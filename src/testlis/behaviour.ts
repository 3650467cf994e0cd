import { encodeFrame } from '../deliver/frame.ts';
import { buildAck } from '../hl7/ack.ts';
import type { AckCode } from '../hl7/ack.ts';
import { textAt } from '../hl7/read.ts';
import type { ReadMessage } from '../hl7/read.ts';

/** How the test LIS treats one message. All but `close-before-commit` write it to the journal first. */
export type Behaviour =
  | { readonly kind: 'accept' }
  /** `error`: an ERR segment with this code of HL7 table 0357. `text`: MSA-3. */
  | { readonly kind: 'answer'; readonly code: AckCode; readonly error?: string; readonly text?: string }
  | { readonly kind: 'late'; readonly ms: number }
  | { readonly kind: 'silence' }
  /** CA, and nothing more. */
  | { readonly kind: 'receipt' }
  | { readonly kind: 'close-before-commit' }
  | { readonly kind: 'close-after-commit' }
  | { readonly kind: 'wrong-id' }
  | { readonly kind: 'garbage' }
  | { readonly kind: 'two-acks' }
  | { readonly kind: 'no-final-cr' };

/** The bytes that go back; null: none, the connection is closed. */
export function answerTo(message: ReadMessage, behaviour: Behaviour, at: Date): Uint8Array | null {
  switch (behaviour.kind) {
    case 'accept':
    case 'late':
      return answers(message, 'AA', at);
    case 'answer':
      return answers(message, behaviour.code, at, behaviour);
    case 'receipt':
      return framed(ackText(message, 'CA', at));
    case 'silence':
      return new Uint8Array();
    case 'close-before-commit':
    case 'close-after-commit':
      return null;
    case 'wrong-id':
      return framed(ackText(message, 'AA', at).replace('\rMSA|AA|', '\rMSA|AA|X'));
    case 'garbage':
      return framed('this is no acknowledgement');
    case 'two-acks':
      return Buffer.concat([framed(ackText(message, 'AA', at)), framed(ackText(message, 'AA', at))]);
    case 'no-final-cr':
      return framed(ackText(message, 'AA', at).slice(0, -1)).subarray(0, -1);
  }
}

interface Words {
  readonly error?: string;
  readonly text?: string;
}

/** What MSH-15 and MSH-16 ask for: in original mode one answer; in enhanced mode CA, the application's answer, or both. */
function answers(message: ReadMessage, code: AckCode, at: Date, more: Words = {}): Uint8Array {
  const [header] = message.segments;
  const answer = framed(ackText(message, code, at, more));
  if (textAt(header, 15) !== 'AL' || code.startsWith('C')) return answer;
  const receipt = framed(ackText(message, 'CA', at));
  return textAt(header, 16) === 'NE' ? receipt : Buffer.concat([receipt, answer]);
}

function ackText(message: ReadMessage, code: AckCode, at: Date, { error, text }: Words = {}): string {
  const controlId = textAt(message.segments[0], 10);
  return buildAck(message, {
    ...{ code, controlId, at, timeZone: 'UTC' },
    ...(text === undefined ? {} : { text }),
    ...(error === undefined ? {} : { error: { code: error, text: '' } }),
  });
}

function framed(text: string): Uint8Array {
  return encodeFrame(new TextEncoder().encode(text));
}
