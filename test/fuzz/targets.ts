import { analyse, type Method } from '../../src/analysis.ts';
import { configSchema } from '../../src/config/schema.ts';
import { parseWorklist } from '../../src/context/worklist.ts';
import { readAck } from '../../src/hl7/ack.ts';
import { readMessage } from '../../src/hl7/read.ts';
import { readText } from '../../src/orders/charset.ts';
import { envelopeOf, interpret } from '../../src/orders/interpret.ts';
import type { ReadingRules } from '../../src/orders/taken.ts';
import { readTrace } from '../../src/trace/read.ts';
import type { Trace } from '../../src/trace/trace.ts';
import { mutateAbif } from './abif-mutations.ts';
import { acksToSpoil, bundledMethod, ordersToSpoil, tracesToSpoil, worklistsToSpoil } from './corpus.ts';
import type { Dice } from './dice.ts';
import { mutateText } from './text-mutations.ts';

/** A reader under attack. `run` throws where it crashes or says what cannot be; else it tells whether it took the bytes. */
export interface Target {
  make(dice: Dice): Uint8Array;
  run(bytes: Uint8Array): boolean;
}

export const TARGETS = {
  abif: abifTarget,
  worklist: worklistTarget,
  hl7: hl7Target,
  ack: ackTarget,
} as const satisfies Record<string, () => Target>;
export type TargetName = keyof typeof TARGETS;

function abifTarget(): Target {
  const method = bundledMethod();
  const corpus = tracesToSpoil(method);
  return {
    make: (dice) => mutateAbif(corpus, dice),
    run(bytes) {
      const read = readTrace(bytes);
      if (read.ok) assertTrace(read.trace);
      assertAnalysis(bytes, method);
      return read.ok;
    },
  };
}

function assertTrace({ channels, points, calls, peaks, rawMaximum, spacing, origin }: Trace): void {
  assert(points > 0 && channels.every(({ length }) => length === points), 'channels of unequal length');
  assert(calls.length === peaks.length, 'calls without positions');
  assert(
    peaks.every((peak, at) => peak >= (peaks[at - 1] ?? 0) && peak < points),
    'a position outside the channels',
  );
  assert(rawMaximum === null || Number.isFinite(rawMaximum), 'a raw maximum that is no number');
  assert(spacing === null || (Number.isFinite(spacing) && spacing > 0), 'a spacing that is none');
  for (const text of Object.values(origin)) {
    assert(
      typeof text !== 'string' || (text.length <= 510 && !/\p{Cc}/u.test(text)),
      'a control character in a name',
    );
  }
}

/** Every figure of an analysis can be stored and sent, and no value is given without a reason to trust it. */
function assertAnalysis(bytes: Uint8Array, method: Method): void {
  const { analysis } = analyse(bytes, method);
  const { status, cvRaw, cvInterval, reasons, quality, alternatives } = analysis;
  assert(
    (status === 'fail') === (cvRaw === null) && (cvRaw === null) === (cvInterval === null),
    'a value of a failed trace',
  );
  assert(status === 'pass' || reasons.length > 0, `${status} without a reason`);
  if (cvRaw !== null && cvInterval !== null) {
    const [low, high] = cvInterval;
    assert(low >= 0 && low <= cvRaw && cvRaw <= high && high <= 1, `Cv ${cvRaw} in ${low} to ${high}`);
  }
  for (const figures of [quality, alternatives]) {
    for (const [name, figure] of Object.entries(figures)) {
      assert(figure === null || Number.isFinite(figure), `${name} is ${String(figure)}`);
    }
  }
}

/** Anything that would end a segment or a frame, in any text of a value; a backslash before an n does not. */
function holdsLineEnd(value: unknown): boolean {
  if (typeof value === 'string') return ['\r', '\n', '\v', '\u001c'].some((end) => value.includes(end));
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsLineEnd);
}

function worklistTarget(): Target {
  const corpus = worklistsToSpoil();
  return {
    make: (dice) => mutateText(corpus, dice),
    run(bytes) {
      const { rows, doubtful, faults } = parseWorklist(bytes, 'fuzz.csv');
      for (const row of rows) {
        assert(row.accession !== '' && !doubtful.includes(row.accession), 'a row that is doubtful as well');
        assert(!holdsLineEnd(row), 'a line end in a cell');
        assert(row.sil2r === null || Number.isFinite(row.sil2r.value), 'an sIL-2R that is no number');
      }
      return rows.length > 0 && faults.length === 0;
    },
  };
}

function hl7Target(): Target {
  const config = configSchema.parse({ dataDir: '.', orders: { mllp: { port: 0 } } });
  if (config.orders === undefined) throw new Error('no section orders');
  const { tests, processingIds, fields } = config.orders;
  const { categories, sil2rCodes } = config.context;
  const rules: ReadingRules = {
    tests,
    processingIds,
    fields,
    categories,
    sil2rCodes,
    timeZone: 'Asia/Tokyo',
  };
  const corpus = ordersToSpoil();
  return {
    make: (dice) => mutateText(corpus, dice),
    run(bytes) {
      const text = readText(bytes, 'UTF-8');
      if (!text.ok) return false;
      const reading = readMessage(text.text);
      if (!reading.ok) return false;
      envelopeOf(reading.message);
      const read = interpret(reading.message, rules);
      if (read.kind === 'refused') return false;
      for (const { accession, patientId } of read.statements) {
        assert((accession ?? patientId) !== null, 'a statement about nothing');
      }
      return true;
    },
  };
}

function ackTarget(): Target {
  const corpus = acksToSpoil();
  return {
    make: (dice) => mutateText(corpus, dice),
    run(bytes) {
      const ack = readAck(bytes);
      if (ack.kind === 'garbled') return false;
      assert(ack.controlId !== '', 'an acknowledgement of nothing');
      return true;
    },
  };
}

function assert(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Error(otherwise);
}
