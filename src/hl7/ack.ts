import { decodeLossy, type Charset } from './charset.ts';
import { buildMessage } from './message.ts';
import { readMessage, segmentsOf, textAt, type ReadMessage, type ReadSegment } from './read.ts';
import { hl7Stamps } from './time.ts';

/** MSA-1: accept, error, reject; A by the application, C by whatever stores the message for it. */
export const ACK_CODES = ['AA', 'AE', 'AR', 'CA', 'CE', 'CR'] as const;
export type AckCode = (typeof ACK_CODES)[number];

/** One ERR segment. The text is the receiver's: it may name a patient and must not be logged. */
export interface AckError {
  /** HL7 table 0357, such as 207; at most 20 letters and digits, empty where the receiver gave none. */
  readonly code: string;
  readonly text: string;
  /** Where the receiver saw it (ERR-2, before HL7 2.5 ERR-1), such as `PID[1]-3.1`. Its words too. */
  readonly place?: string;
}

/** An answer to a message, whoever's it is. */
export interface Ack {
  readonly kind: 'ack';
  readonly code: AckCode;
  /** MSA-2: the message that is answered. Whether it is ours is for the caller to see. */
  readonly controlId: string;
  /** MSA-3. The receiver's words, as `AckError.text`. */
  readonly text: string;
  readonly errors: readonly AckError[];
}

/** `detail` quotes nothing of what came. */
export type AckReading = Ack | { readonly kind: 'garbled'; readonly detail: string };

/**
 * Reads what a receiver answered, without its MLLP frame. Judged by MSA-1 and MSA-2 alone, because real receivers
 * put anything into MSH, and text of any character set into MSA-3: neither makes an answer less of one. Total.
 */
export function readAck(bytes: Uint8Array, charset: Charset = 'UTF-8'): AckReading {
  const reading = readMessage(decodeLossy(bytes, charset), 'skip');
  if (!reading.ok) return { kind: 'garbled', detail: reading.detail };
  const [answer, ...others] = segmentsOf(reading.message, 'MSA');
  if (answer === undefined) return { kind: 'garbled', detail: 'there is no MSA segment' };
  if (others.length > 0) return { kind: 'garbled', detail: 'there is more than one MSA segment' };
  const code = ACK_CODES.find((known) => known === textAt(answer, 1).trim());
  if (code === undefined) return { kind: 'garbled', detail: `MSA-1 is none of ${ACK_CODES.join(', ')}` };
  const controlId = textAt(answer, 2).trim();
  if (controlId === '') return { kind: 'garbled', detail: 'MSA-2 is empty' };
  const errors = [...segmentsOf(reading.message, 'ERR').map(errorOf), ...oldErrors(answer)];
  return { kind: 'ack', code, controlId, text: textAt(answer, 3), errors };
}

/** ERR-3, ERR-7 and ERR-8 since HL7 2.5; before that the fourth component of ERR-1. */
function errorOf(segment: ReadSegment): AckError {
  const code = plainCode(textAt(segment, 3)) || plainCode(textAt(segment, 1, 4));
  const texts = [
    textAt(segment, 8),
    textAt(segment, 7),
    textAt(segment, 3, 2),
    textAt(segment, 1, 4, 2),
    code === '' ? textAt(segment, 3) : '',
  ];
  const place = placeOf(segment, 2) || placeOf(segment, 1);
  return { code, text: texts.find((text) => text !== '') ?? '', ...(place === '' ? {} : { place }) };
}

/** Segment, its number, field and component; ERR-1 has the code where ERR-2 has the occurrence. */
function placeOf(error: ReadSegment, field: 1 | 2): string {
  const [segment = '', number = '', position = '', , component = ''] = [1, 2, 3, 4, 5].map((at) =>
    textAt(error, field, at).trim(),
  );
  if (segment === '') return '';
  const tail = field === 2 && component !== '' ? `.${component}` : '';
  return `${segment}${number === '' ? '' : `[${number}]`}${position === '' ? '' : `-${position}${tail}`}`;
}

/** MSA-6, where HL7 2.2 to 2.4 put the error. */
function oldErrors(answer: ReadSegment): readonly AckError[] {
  const code = plainCode(textAt(answer, 6));
  return code === '' ? [] : [{ code, text: textAt(answer, 6, 2) }];
}

/** Codes are logged, and a receiver may put anything in their place. */
function plainCode(text: string): string {
  return /^[A-Za-z0-9]{1,20}$/.test(text.trim()) ? text.trim() : '';
}

/** What a receiver answers to `received`. */
export function buildAck(
  received: ReadMessage,
  answer: {
    readonly code: AckCode;
    /** MSH-10 of the answer itself. */
    readonly controlId: string;
    readonly at: Date;
    readonly timeZone: string;
    readonly text?: string;
    /** HL7 table 0357. */
    readonly error?: AckError;
  },
): string {
  const [header] = received.segments;
  const error = answer.error;
  return buildMessage([
    {
      id: 'MSH',
      fields: {
        3: textAt(header, 5),
        4: textAt(header, 6),
        5: textAt(header, 3),
        6: textAt(header, 4),
        7: hl7Stamps(answer.timeZone, true).moment(answer.at),
        9: ['ACK', textAt(header, 9, 2), 'ACK'],
        10: answer.controlId,
        11: textAt(header, 11),
        12: textAt(header, 12),
        18: textAt(header, 18),
      },
    },
    { id: 'MSA', fields: { 1: answer.code, 2: textAt(header, 10), 3: answer.text ?? '' } },
    ...(error === undefined
      ? []
      : [
          {
            id: 'ERR',
            fields: { 2: locationOf(error.place), 3: [error.code, error.text, 'HL70357'], 4: 'E' },
          },
        ]),
  ]);
}

/** A place such as `OBX[2]-5.1` as ERR-2 has it: segment, its number, field, repetition, component. */
function locationOf(place: string | undefined): readonly string[] {
  const parts = /^([A-Z][A-Z0-9]{2})(?:\[(\d+)\])?(?:-(\d+)(?:\.(\d+))?)?/.exec(place ?? '');
  if (parts === null) return [];
  const [, segment = '', number = '1', field = '', component = ''] = parts;
  return [segment, number, field, '', component];
}
