import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Analysis } from '../../src/analysis.ts';
import { configSchema, type Config } from '../../src/config/schema.ts';
import type { Category, Context, Sil2r } from '../../src/context/context.ts';
import { decode } from '../../src/hl7/charset.ts';
import { readMessage, segmentsOf, textAt } from '../../src/hl7/read.ts';
import { createPipeline, type Pipeline } from '../../src/pipeline.ts';
import { adoptCutoffs } from '../../src/result/adopt-cutoffs.ts';
import { createReview } from '../../src/result/review.ts';
import { DATABASE_FILE } from '../../src/store/file.ts';
import { openStore } from '../../src/store/store.ts';
import type { Finding } from '../../src/watch/finding.ts';
import { analysisOf, sha } from '../store/support.ts';
import { en, ja } from '../texts.ts';

export const START = new Date('2025-11-22T10:00:00Z');
export const HOUR = 3_600_000;

type Settings = Readonly<Record<string, unknown>>;

/** What the LIS reads in one message. */
export interface Sent {
  readonly controlId: string;
  readonly key: string;
  readonly accession: string;
  readonly patient: string;
  /** OBR-25. */
  readonly status: string;
  /** OBX-5 by OBX-3, with OBX-11 behind a slash. */
  readonly values: Readonly<Record<string, string>>;
  readonly reportedAt: string;
  /** OBX-16. */
  readonly by: string;
  readonly notes: readonly string[];
}

export interface TraceAbout {
  readonly cv?: number | null;
  readonly interval?: readonly [number, number];
  readonly status?: Analysis['status'];
  readonly reasons?: Analysis['reasons'];
  readonly run?: string;
  readonly well?: string;
  /** What differs between two files of one name. */
  readonly content?: string;
  /** Another injection of the same specimen has another one. */
  readonly injection?: string;
  readonly startedAt?: string | null;
  readonly endedAt?: string;
  readonly serial?: string | null;
  readonly file?: string;
  /** Another name in the file for the same raw data. */
  readonly sample?: string;
  /** Time of the last write to the file; default: long ago. */
  readonly writtenAt?: Date;
}

export function smoldering(accession: string, sil2r: number | null, changes: Partial<Context> = {}): Context {
  return {
    accession,
    order: `O-${accession}`,
    patient: { id: `P-${accession}`, name: '見本 一郎', nameKana: null, birthDate: '1950-01-01', sex: 'M' },
    category: 'smoldering' satisfies Category,
    sil2r: sil2r === null ? null : sil2rOf(sil2r),
    collected: '2025-11-20T09:00',
    source: 'worklist a.csv line 2',
    ...changes,
  };
}

export function sil2rOf(value: number): Sil2r {
  return { value, unit: 'U/mL', method: 'CLEIA', date: '2025-11-19' };
}

/** The pipeline with a database of its own, a clock that is set by hand and orders that are told to it. */
export function createLaboratory(settings: Settings = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'raisingd-result-'));
  const store = openStore(join(folder, DATABASE_FILE), { access: 'service', now: START });
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const orders = new Map<string, Context>();
  let now = START;
  let config: Config;
  let pipeline: Pipeline;
  let worklistReadAt: Date | null = null;

  const laboratory = {
    store,
    now: () => now,
    pass(ms: number) {
      now = new Date(now.getTime() + ms);
    },
    worklistsAwaySince(time: Date) {
      worklistReadAt = time;
    },
    configure(changes: Settings) {
      config = configSchema.parse({
        dataDir: folder,
        site: { timeZone: 'UTC' },
        lis: [{ name: 'main', mllp: { host: '127.0.0.1', port: 1 } }],
        ...changes,
      });
      adoptCutoffs(store, config, now);
      pipeline = createPipeline({
        ...{
          store,
          config,
          texts: { en, ja },
          clock: { now: () => now },
          software: { version: '1', build: '' },
        },
        findContext: (accession) => orders.get(accession) ?? null,
        worklistReadAt: () => worklistReadAt,
      });
    },
    config: () => config,
    review: () =>
      createReview({
        ...{
          store,
          config,
          texts: { en, ja },
          clock: { now: () => now },
          software: { version: '1', build: '' },
        },
      }),
    /** An order or a change of one comes. */
    order(context: Context) {
      orders.set(context.accession, context);
      return pipeline.reconsider(context.accession);
    },
    /** The same order once more. */
    again: (accession: string) => pipeline.reconsider(accession),
    forget(accession: string) {
      orders.delete(accession);
    },
    score(sample: string, about: TraceAbout = {}) {
      return pipeline.record([findingOf(sample, about)]);
    },
    /** A finding as the intake hands it over. */
    record: (finding: Finding) => pipeline.record([finding]),
    tick: () => (pipeline.isDue() ? pipeline.tick() : []),
    /** All messages in the order in which they were made. */
    sent(): Sent[] {
      return store.outbox
        .list({ states: ['queued', 'delivered', 'held', 'dropped'], limit: 500 })
        .map(({ id }) => toSent(store.outbox.show(id)?.bytes ?? new Uint8Array()));
    },
    /** Reasons of what waits for a person, by accession. */
    held(): Record<string, string[]> {
      return Object.fromEntries(
        store.results
          .held(100)
          .map(({ result, version }) => [result.accession ?? '', version.reasons.map(({ code }) => code)]),
      );
    },
    waiting(): Record<string, string[]> {
      return Object.fromEntries(
        store.results
          .waiting(100, false)
          .map(({ result, version }) => [result.accession ?? '', version.reasons.map(({ code }) => code)]),
      );
    },
    keyOf(accession: string): string {
      const [result] = store.results.byAccession(accession);
      if (result === undefined) throw new Error(`no result for ${accession}`);
      return result.key;
    },
  };
  laboratory.configure(settings);
  return laboratory;
}

export function findingOf(sample: string, about: TraceAbout): Finding {
  const { cv = 0.73, status = 'pass', content = '', run = 'Run 1', well = 'A01' } = about;
  const whole = analysisOf(`${sample}${content}`);
  const value = status === 'fail' ? null : cv;
  const failed = [{ code: 'ANCHOR_NOT_FOUND', detail: 'score 0.2' }] as const;
  const analysis: Analysis = {
    ...whole,
    status,
    cvRaw: value,
    cvInterval: value === null ? null : (about.interval ?? [value, value]),
    reasons: about.reasons ?? (status === 'fail' ? failed : []),
    origin: {
      ...{ sample: about.sample ?? sample, run, well, plate: 'Plate 1', lane: 1, model: '3500' },
      serial: about.serial === undefined ? 'S1' : about.serial,
      injection: `Inj ${about.injection ?? '1'}`,
      startedAt: about.startedAt === undefined ? '2025-11-22T08:00:00' : about.startedAt,
      endedAt: about.endedAt ?? '2025-11-22T08:45:00',
      rawDigest: sha(`${sample}${about.injection ?? '1'}`).slice(0, 16),
    },
  };
  const file = about.file ?? `${about.sample ?? sample}_${well}.ab1`;
  const path = Buffer.from(`/srv/${sha(analysis.sha256).slice(0, 8)}/${file}`);
  const mtimeNs = BigInt(about.writtenAt?.getTime() ?? 0) * 1_000_000n + 1n;
  return { kind: 'analysed', file: { path, name: file, size: 1000, mtimeNs }, analysis, picture: null };
}

function toSent(bytes: Uint8Array): Sent {
  const decoded = decode(bytes, 'UTF-8');
  if (!decoded.ok) throw new Error(decoded.detail);
  const reading = readMessage(decoded.text);
  if (!reading.ok) throw new Error(reading.detail);
  const one = (id: string) => segmentsOf(reading.message, id)[0];
  const observations = segmentsOf(reading.message, 'OBX');
  return {
    controlId: textAt(one('MSH'), 10),
    key: textAt(one('OBR'), 3),
    accession: textAt(one('SPM'), 2),
    patient: textAt(one('PID'), 3),
    status: textAt(one('OBR'), 25),
    values: Object.fromEntries(
      observations.map((obx) => [textAt(obx, 3), `${textAt(obx, 5)}/${textAt(obx, 11)}`]),
    ),
    reportedAt: textAt(one('OBR'), 22),
    by: textAt(observations[0], 16),
    notes: segmentsOf(reading.message, 'NTE').map((nte) => textAt(nte, 3)),
  };
}
