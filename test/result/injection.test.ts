import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analyse } from '../../src/analysis.ts';
import { configSchema } from '../../src/config/schema.ts';
import { BUNDLED_ASSAY_FILE, loadAssay } from '../../src/config/load.ts';
import type { Context } from '../../src/context/context.ts';
import { mergeStatements } from '../../src/context/merge.ts';
import { parseWorklist } from '../../src/context/worklist.ts';
import { decode, encode } from '../../src/hl7/charset.ts';
import { buildMessage } from '../../src/hl7/message.ts';
import { readMessage, segmentsOf, textAt, type ReadMessage } from '../../src/hl7/read.ts';
import { readText } from '../../src/orders/charset.ts';
import { interpret } from '../../src/orders/interpret.ts';
import { tagsOf } from '../../src/simulate/file.ts';
import { createRecipe } from '../../src/simulate/recipe.ts';
import { synthesise } from '../../src/simulate/synthesise.ts';
import * as abif from '../../src/trace/write-abif.ts';
import { hostileText } from '../hl7/hostile.ts';
import { createLaboratory, HOUR, START } from './laboratory.ts';

const assay = loadAssay(BUNDLED_ASSAY_FILE);
if (!assay.ok) throw new Error('the bundled assay is at fault');
const { method } = assay;
const recipe = createRecipe({
  seed: 1,
  anchor: method.assay.anchor,
  clones: [{ share: 0.7 }],
  dust: 8,
  hostBases: 90,
});
const read = synthesise(recipe);

/** Every text that anybody outside can choose on the way from a tube to the LIS. */
interface Texts {
  /** Behind the accession in the sample's name. */
  readonly sample: string;
  readonly file: string;
  readonly run: string;
  readonly injection: string;
  readonly well: string;
  readonly plate: string;
  readonly model: string;
  readonly serial: string;
  readonly comment: string;
  readonly order: string;
  readonly patientId: string;
  readonly name: string;
  readonly kana: string;
  readonly method: string;
  readonly reviewer: string;
  readonly reason: string;
}
const FIELDS: readonly (keyof Texts)[] = [
  ...([
    'sample',
    'file',
    'run',
    'injection',
    'well',
    'plate',
    'model',
    'serial',
    'comment',
    'order',
  ] as const),
  ...(['patientId', 'name', 'kana', 'method', 'reviewer', 'reason'] as const),
];
const texts = (of: (field: keyof Texts) => string): Texts =>
  Object.fromEntries(FIELDS.map((field) => [field, of(field)])) as unknown as Texts;
const PLAIN = texts((field) => `plain ${field}`);

type Way = 'worklist' | 'order';

/** What a worklist or an order of the LIS says, through the reader of each; null where it refuses it. */
function contextOf(way: Way, accession: string, said: Texts): Context | null {
  return way === 'worklist' ? contextOfRow(accession, said) : contextOfOrder(accession, said);
}

function contextOfRow(accession: string, { order, patientId, name, kana, method }: Texts): Context | null {
  const cells = [accession, order, patientId, name, kana, 'smoldering', '1520', 'U/mL', method, '2025-11-19'];
  const row = cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
  const header =
    'accession,order,patientId,patientName,patientNameKana,category,sil2r,sil2rUnit,sil2rMethod,sil2rDate';
  return parseWorklist(Buffer.from(`${header}\n${row}\n`), 'any.csv').rows[0] ?? null;
}

function contextOfOrder(accession: string, { order, patientId, name, kana }: Texts): Context | null {
  const config = configSchema.parse({ dataDir: '.', orders: { mllp: { port: 0 } } });
  if (config.orders === undefined) throw new Error('no section orders');
  const text = buildMessage([
    {
      id: 'MSH',
      fields: { 3: 'LIS', 9: ['OML', 'O33'], 10: 'M1', 11: 'P', 12: '2.5.1', 18: 'UNICODE UTF-8' },
    },
    {
      id: 'PID',
      fields: {
        3: [patientId, '', '', 'HOSP', 'MR'],
        5: {
          repeat: [
            [name, '', '', '', '', '', 'L', 'I'],
            [kana, '', '', '', '', '', 'L', 'P'],
          ],
        },
      },
    },
    { id: 'SPM', fields: { 2: accession } },
    { id: 'ORC', fields: { 1: 'NW', 2: order } },
    { id: 'OBR', fields: { 2: order, 4: ['HTLV1CLON', '', '99RSG'] } },
    { id: 'DG1', fields: { 3: 'smoldering' } },
  ]);
  const encoded = encode(text, 'UTF-8');
  if (!encoded.ok) throw new Error(encoded.detail);
  const arrived = readText(encoded.bytes, 'UTF-8');
  const reading = arrived.ok ? readMessage(arrived.text) : arrived;
  if (!reading.ok) throw new Error(reading.detail);
  const { tests, processingIds, fields } = config.orders;
  const { categories, sil2rCodes } = config.context;
  const taken = interpret(reading.message, {
    tests,
    processingIds,
    fields,
    categories,
    sil2rCodes,
    timeZone: 'UTC',
  });
  if (taken.kind === 'refused') return null;
  const statements = taken.statements.map((one, id) => ({ ...one, id, at: START }));
  return mergeStatements(accession, statements, config.context);
}

/** A trace whose every text tag is somebody's choice, as the scoring finds it. */
function findingOf(accession: string, said: Texts) {
  const changed = [
    abif.pString('SMPL', 1, `${accession} ${said.sample}`),
    abif.cString('RunN', 1, said.run),
    abif.cString('InjN', 1, said.injection),
    abif.pString('TUBE', 1, said.well),
    abif.cString('CTNM', 1, said.plate),
    abif.cString('HCFG', 3, said.model),
    abif.cString('HCFG', 4, `SerialNumber=${said.serial};`),
    abif.pString('MCHN', 1, said.serial),
    abif.pString('CMNT', 1, said.comment),
  ];
  const label = ({ name, number }: abif.TagToWrite): string => `${name}${number}`;
  // Another injection each time.
  const startedAt = new Date(START.getTime() - DAY + 1000 * Number(accession.slice(4)))
    .toISOString()
    .slice(0, 19);
  const others = tagsOf(read, { ...recipe, sample: accession, startedAt }).filter(
    (tag) => !changed.some((one) => label(one) === label(tag)),
  );
  const { analysis } = analyse(abif.writeAbif([...others, ...changed]), method);
  const path = Buffer.from(`/srv/in/${accession}`);
  const file = { path, name: `${accession}_${said.file}`, size: 1, mtimeNs: 1n };
  return { kind: 'analysed', file, analysis, picture: null } as const;
}

const DAY = 24 * HOUR;
const PROFILES = ['oru-r01-2.5.1', 'oul-r22-law', 'jahis'] as const;

describe('whatever the sequencer, the worklist, the LIS and a person write', () => {
  const lab = createLab();
  const way = fc.constantFrom<Way>('worklist', 'order');
  const hostile = fc.record(
    Object.fromEntries(FIELDS.map((field) => [field, hostileText])),
  ) as fc.Arbitrary<Texts>;

  test('each message has the segments that it has with plain texts, and says every text as it was taken', () => {
    const plain = { worklist: lab().journey('worklist', PLAIN), order: lab().journey('order', PLAIN) };
    for (const { messages } of Object.values(plain)) expect(messages).toHaveLength(2 * PROFILES.length);
    let sent = 0;
    fc.assert(
      fc.property(way, hostile, (by, said) => {
        const { context, model, messages, reviewer } = lab().journey(by, said);
        if (context === null) {
          expect(messages).toEqual([]);
          return;
        }
        sent += 1;
        expect(messages.map(idsOf)).toEqual(plain[by].messages.map(idsOf));
        for (const [nth, message] of messages.entries()) {
          expect(textAt(segmentsOf(message, 'PID')[0], 3)).toBe(context.patient?.id ?? '');
          expect(textAt(segmentsOf(message, 'OBR')[0], 2)).toBe(context.order ?? emptyOrder(message));
          const [obx] = segmentsOf(message, 'OBX');
          expect(textAt(obx, 18)).toBe(model ?? '');
          expect(textAt(obx, 16)).toBe(nth < PROFILES.length ? 'AUTO' : reviewer);
        }
      }),
      { numRuns: 120 },
    );
    expect(sent).toBeGreaterThan(5);
  });
});

const idsOf = (message: ReadMessage): string => message.segments.map(({ id }) => id).join(' ');

/** The LAW profile says with the HL7 null that there is no work order. */
function emptyOrder(message: ReadMessage): string {
  return textAt(segmentsOf(message, 'MSH')[0], 21) === 'LAB-29' ? '""' : '';
}

/** One laboratory for all cases, made when the test runs; each case is another specimen. */
function createLab() {
  let made: ReturnType<typeof openLab> | null = null;
  return () => (made ??= openLab());
}

function openLab() {
  const lab = createLaboratory({
    lis: PROFILES.map((profile) => ({
      ...{ name: profile.replaceAll('.', '-'), profile, mllp: { host: '127.0.0.1', port: 1 } },
      // Comments in all of them, and a character set that has every character.
      message: { notes: true, charset: 'UTF-8' },
    })),
    controls: { required: [] },
  });
  let specimens = 0;
  let read = 0;

  /** The messages that were queued since the last call, as a receiver reads them. */
  const newMessages = (): ReadMessage[] => {
    const items = lab.store.outbox.list({ states: ['queued'], afterId: read, limit: 100 });
    read = items.at(-1)?.id ?? read;
    return items.map(({ id }) => received(lab.store.outbox.show(id)?.bytes ?? new Uint8Array()));
  };

  return {
    /** One specimen from its order to its result, which a person then withdraws. */
    journey(way: Way, said: Texts) {
      specimens += 1;
      const accession = `S25-${String(specimens).padStart(6, '0')}`;
      // Another patient each time: an earlier result of the same one may hold this.
      const context = contextOf(way, accession, { ...said, patientId: `${accession}${said.patientId}` });
      if (context !== null) lab.order(context);
      const finding = findingOf(accession, said);
      lab.record(finding);
      const reviewer = said.reviewer.replaceAll(/\p{Cc}/gu, '').trim() || 'Dr. A';
      const [result] = lab.store.results.byAccession(accession);
      if (result !== undefined && context !== null) {
        lab.review().withdraw(result.key, { by: reviewer, reason: said.reason }, false);
      }
      return { context, model: finding.analysis.origin?.model ?? null, reviewer, messages: newMessages() };
    },
  };
}

/** A message by its bytes: no character in them ends a segment or a frame but the CR behind each segment. */
function received(bytes: Uint8Array): ReadMessage {
  const decoded = decode(bytes, 'UTF-8');
  if (!decoded.ok) throw new Error(decoded.detail);
  expect(decoded.text.replaceAll('\r', '')).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
  for (const line of decoded.text.split('\r').slice(0, -1)) expect(line).toMatch(/^[A-Z][A-Z0-9]{2}\|/);
  const reading = readMessage(decoded.text);
  if (!reading.ok) throw new Error(reading.detail);
  return reading.message;
}
