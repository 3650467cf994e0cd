import { configSchema } from '../../src/config/schema.ts';
import { CHARSETS, type Charset } from '../../src/config/message.ts';
import { clientFor } from '../../src/destination-client.ts';
import { composeMessages } from '../../src/hl7/compose.ts';
import type { Report } from '../../src/hl7/report.ts';
import { silentLog } from '../../src/platform/log.ts';
import { envelope, example, PROFILES, type ProfileName } from './example.ts';
import { withPart } from './page.ts';

/** One value as a receiver has it: the `nth` segment of a kind, all numbers from 1. */
export type Look = (id: string, nth: number, field: number, component: number, repetition?: number) => string;

/** What a receiver has read of one message. */
export interface ReadBack {
  readonly name: string;
  readonly kana: string;
  readonly cv: string;
  readonly region: string;
  readonly status: string;
}

export { CHARSETS, PROFILES };
export type { Charset, ProfileName };

/** A name that the set can write. In ISO-2022-JP 五 holds the byte of ^, 万 that of |, and マ that of ^. */
const NAMES: Readonly<Record<Charset, readonly [name: string, kana: string]>> = {
  'UTF-8': ['五十嵐 万里子', 'イガラシ マリコ'],
  'ISO-2022-JP': ['五十嵐 万里子', 'イガラシ マリコ'],
  Shift_JIS: ['五十嵐 万里子', 'イガラシ マリコ'],
  'EUC-JP': ['五十嵐 万里子', 'イガラシ マリコ'],
  'ISO-8859-1': ['Müller Jürgen', ''],
  ASCII: ['Yamada Taro', ''],
};

/** What a receiver has to read of a message in this set. */
export function expected(charset: Charset): ReadBack {
  const [name, kana] = NAMES[charset];
  return { name, kana, cv: '0.73', region: 'R4', status: 'F' };
}

/** Reads what the matrix compares. */
export function readBack(look: Look): ReadBack {
  const whole = (repetition: number): string =>
    [1, 2]
      .map((component) => look('PID', 1, 5, component, repetition))
      .join(' ')
      .trim();
  const name = whole(1);
  const kana = look('PID', 1, 5, 8, 2) === 'P' ? whole(2) : '';
  return {
    name,
    kana,
    cv: look('OBX', 1, 5, 1),
    region: look('OBX', 3, 5, 1),
    status: look('OBX', 1, 11, 1),
  };
}

/** Sends the example in a profile and a set, as the service would; returns the code of the answer. */
export async function sendExample(port: number, profile: ProfileName, charset: Charset): Promise<string> {
  const { lis, site } = configSchema.parse({
    dataDir: '/d',
    site: { timeZone: 'Asia/Tokyo' },
    lis: [
      {
        name: 'main',
        mllp: { host: '127.0.0.1', port },
        connection: 'perMessage',
        profile,
        message: { charset },
      },
    ],
  });
  const [name, nameKana] = NAMES[charset];
  const patient = { id: '1', name, nameKana, birthDate: null, sex: null };
  const report: Report = { ...example, context: { ...example.context, patient } };
  const composed = composeMessages(report, { lis, site }, () => envelope);
  if (!composed.ok) throw new Error(composed.reason.detail);
  const [destination] = lis;
  const [message] = composed.messages;
  if (destination === undefined || message === undefined) throw new Error('no message was made');
  const client = clientFor(destination, { site, clock: { now: () => new Date() }, log: silentLog });
  const outcome = await client.send(message);
  client.close();
  return outcome.kind === 'acknowledged' ? outcome.ack.code : outcome.kind;
}

/** One line of the table: what was read in each profile, in their order. */
export interface Row {
  readonly receiver: string;
  readonly charset: Charset;
  readonly read: readonly ReadBack[];
}

/** The table of docs/hl7-matrix.md. A name that is not what was sent is shown as such. */
export function table(rows: readonly Row[]): string {
  const cell = (row: Row, { name, kana, cv, region, status }: ReadBack): string => {
    const meant = expected(row.charset);
    const known = name === meant.name && kana === meant.kana;
    const who = known ? [name, kana].filter((part) => part !== '').join(', ') : 'name not decoded';
    return `${who}; ${cv} ${region} ${status}`;
  };
  return [
    `| receiver | character set | ${PROFILES.map((profile) => `\`${profile}\``).join(' | ')} |`,
    `| --- | --- | ${PROFILES.map(() => '---').join(' | ')} |`,
    ...rows.map(
      (row) =>
        `| ${row.receiver} | ${row.charset} | ${row.read.map((read) => cell(row, read)).join(' | ')} |`,
    ),
  ].join('\n');
}

/** The page with its table of this name renewed. */
export async function withTable(page: string, name: string, rows: readonly Row[]): Promise<string> {
  return withPart(page, `matrix: ${name}`, table(rows));
}
