import type { Patient } from '../context/context.ts';
import { textAt, type ReadMessage } from '../hl7/read.ts';
import type { Problem } from '../store/inbox.ts';
import { readOrders } from './order-message.ts';
import { readPatient } from './pid.ts';
import { readResults } from './result-message.ts';
import { placed, type Placed } from './segment.ts';
import type { ReadingRules, Taken } from './taken.ts';
import { PROBLEM_CODES, Unreadable } from './unreadable.ts';

/** What becomes of a message: what it says, or why it is refused (AE: mend it; AR: it does not belong here). */
export type Interpretation =
  | ({ readonly kind: 'taken' } & Taken)
  | { readonly kind: 'refused'; readonly answer: 'AE' | 'AR'; readonly problem: Problem };

/** What MSH says of a message; empty where it says nothing. */
export interface Envelope {
  /** MSH-3 and MSH-4, cut to what can be shown. */
  readonly sender: string;
  readonly controlId: string;
  /** MSH-9, such as `OML^O33`. */
  readonly type: string;
}

export function envelopeOf(message: ReadMessage): Envelope {
  const [header] = message.segments;
  const shown = (field: number, component = 1): string =>
    textAt(header, field, component)
      .replaceAll(/\p{Cc}/gu, ' ')
      .trim()
      .slice(0, 60);
  const type = [shown(9), shown(9, 2)].filter((part) => part !== '').join('^');
  const sender = [shown(3), shown(4)].filter((part) => part !== '').join('^');
  return { sender: sender === '' ? 'unnamed' : sender, controlId: shown(10), type };
}

/** Reads a message. Total: any message gives one of the two, never an exception. */
export function interpret(message: ReadMessage, rules: ReadingRules): Interpretation {
  const envelope = envelopeOf(message);
  const refusal = refusalOf(message, envelope, rules);
  if (refusal !== null) return refusal;
  try {
    const segments = placed(message);
    const patient = onlyPatient(segments);
    const origin = `message ${envelope.controlId} from ${envelope.sender}`;
    const specimenFirst = envelope.type === 'OML^O33';
    const taken =
      envelope.type === 'ORU^R01'
        ? readResults(segments, patient, origin, rules)
        : readOrders(segments, patient, { specimenFirst, origin }, rules);
    return { kind: 'taken', ...taken };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { kind: 'refused', answer: 'AE', problem: error.problem };
  }
}

/** A Map: what came must not find `constructor` in it. */
const TYPES: ReadonlyMap<string, readonly string[]> = new Map([
  ['OML', ['O33', 'O21']],
  ['ORM', ['O01']],
  ['ORU', ['R01']],
]);

function refusalOf(message: ReadMessage, envelope: Envelope, rules: ReadingRules): Interpretation | null {
  const refused = (
    answer: 'AE' | 'AR',
    code: keyof typeof PROBLEM_CODES,
    text: string,
    place: string,
  ): Interpretation => ({ kind: 'refused', answer, problem: { code: PROBLEM_CODES[code], text, place } });
  const [header] = message.segments;
  const [type = '', event = ''] = envelope.type.split('^');
  const events = TYPES.get(type);
  if (events === undefined)
    return refused('AR', 'unsupportedType', 'only OML, ORM and ORU are taken', 'MSH-9');
  if (!events.includes(event)) {
    return refused('AR', 'unsupportedEvent', `of ${type} only ${events.join(' and ')} is taken`, 'MSH-9');
  }
  // HL7 tables name versions 2.1 to 2.9; an empty one is an old sender's.
  if (!/^(2(\.\d+)*)?$/.test(textAt(header, 12).trim())) {
    return refused('AR', 'unsupportedVersion', 'only HL7 v2 is taken', 'MSH-12');
  }
  const processing = textAt(header, 11).trim().toUpperCase();
  if (processing !== '' && !rules.processingIds.includes(processing)) {
    return refused('AR', 'unsupportedProcessing', 'is none of orders.processingIds', 'MSH-11');
  }
  // Without it a repeat could not be told from a new message.
  if (envelope.controlId === '')
    return refused('AE', 'fieldMissing', 'every message needs a control id', 'MSH-10');
  return null;
}

/** The patient of the message. Two of them in one would leave open whose specimen it is. */
function onlyPatient(segments: readonly Placed[]): Patient | null {
  const pids = segments.filter(({ id }) => id === 'PID');
  const patients = pids.map((pid) => ({ pid, patient: readPatient(pid) }));
  const [first] = patients;
  for (const { pid, patient } of patients) {
    if (patient?.id !== first?.patient?.id) {
      throw new Unreadable(
        'segmentSequence',
        'names another patient than the first PID; send one a message',
        pid.place,
      );
    }
  }
  return first?.patient ?? null;
}
