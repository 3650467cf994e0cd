import { configSchema, type Cutoffs, type Destination } from '../../src/config/schema.ts';
import { messageOptions, type MessageOptions } from '../../src/hl7/profiles.ts';
import type { Envelope, Report } from '../../src/hl7/report.ts';
import { classify } from '../../src/risk/classify.ts';
import { comments } from '../../src/risk/comment.ts';
import { en } from '../texts.ts';

const config = configSchema.parse({
  dataDir: '/var/lib/raisingd',
  lis: [{ name: 'main', mllp: { host: '127.0.0.1', port: 2575 } }],
});

export const cutoffs: Cutoffs = config.cutoffs;

export type ProfileName = Destination['profile'];

const EVERY: Readonly<Record<ProfileName, true>> = {
  'oru-r01-2.5.1': true,
  'oul-r22-law': true,
  jahis: true,
};
export const PROFILES = Object.keys(EVERY) as ProfileName[];

/** A destination with the changes given. */
export function destination(
  message: Partial<Destination['message']> = {},
  changes: Partial<Destination> = {},
): Destination {
  const [lis] = config.lis;
  if (lis === undefined) throw new Error('the example config has no destination');
  return { ...lis, ...changes, message: { ...lis.message, ...message } };
}

/** The message options of a destination with the changes given. */
export function options(
  message: Partial<Destination['message']> = {},
  changes: Partial<Destination> = {},
): MessageOptions {
  return messageOptions(destination(message, changes));
}

export const site = { facility: 'SEQROOM', timeZone: 'Asia/Tokyo' };

const context: Report['context'] = {
  accession: 'S25-000123',
  order: 'P778899',
  patient: {
    id: '0001234567',
    name: '山田 太郎',
    nameKana: 'ヤマダ　タロウ',
    birthDate: '1955-12-03',
    sex: 'M',
  },
  category: 'smoldering',
  sil2r: { value: 1520, unit: 'U/mL', method: 'CLEIA', date: '2025-11-19' },
  collected: '2025-11-20T09:00:00',
  source: 'worklist orders.csv line 2',
};

const interval = [0.69, 0.77] as const;
const risk = classify(0.7312, interval, context, cutoffs);

/** A smoldering ATL in region R4, as docs/hl7.md shows it. */
export const example: Report = {
  status: 'F',
  resultKey: 'RD25000123',
  context,
  risk,
  interval,
  reasons: [],
  corrects: null,
  cutoffs,
  cutoffsVersion: '9d1c40aa7b32',
  estimator: 'raising-open/1',
  parameters: '51f2c07e9a04',
  origin: {
    sample: 'S25-000123',
    run: 'Run_3500_2025-11-22',
    injection: 'Inj1',
    well: 'A01',
    plate: 'PL0042',
    lane: 1,
    startedAt: '2025-11-22T09:20:00',
    endedAt: '2025-11-22T10:10:00',
    model: '3500',
    serial: 'SN21301-017',
    rawDigest: null,
  },
  picture: null,
  analysedAt: new Date('2025-11-22T01:25:01Z'),
  reportedAt: new Date('2025-11-22T01:30:15Z'),
  responsible: 'AUTO',
  notes: comments({ risk, interval, context, cutoffs, extraReasons: [] }, en),
};

export const envelope: Envelope = {
  controlId: 'RD25112210301500123',
  createdAt: new Date('2025-11-22T01:30:15Z'),
  software: { version: '1.0.0', build: 'git-3f2a9c1' },
};
