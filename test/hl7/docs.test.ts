import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { CHARSETS, type Charset } from '../../src/config/message.ts';
import { buildReport } from '../../src/hl7/build.ts';
import { jisX0208 } from '../../src/hl7/charset/tables.ts';
import type { MessageOptions } from '../../src/hl7/profiles.ts';
import type { Report } from '../../src/hl7/report.ts';
import { classify } from '../../src/risk/classify.ts';
import { comments } from '../../src/risk/comment.ts';
import { roundTrip } from './characters.ts';
import { cutoffs, envelope, example, options, PROFILES, site, type ProfileName } from './example.ts';
import { withPart } from './page.ts';
import { en, ja } from '../texts.ts';

const file = fileURLToPath(new URL('../../docs/hl7.md', import.meta.url));
const page = readFileSync(file, 'utf8');

function lines(report: Report, controlId: string, profile: ProfileName = 'oru-r01-2.5.1'): string[] {
  const at = report.reportedAt;
  return buildReport(report, { ...envelope, controlId, createdAt: at }, options({}, { profile }), site)
    .trimEnd()
    .split('\r');
}

const withoutSil2r = { ...example.context, sil2r: null };
const early = classify(0.7312, [0.69, 0.77], withoutSil2r, cutoffs);
const preliminary: Report = {
  ...example,
  status: 'P',
  context: withoutSil2r,
  risk: early,
  reportedAt: new Date('2025-11-21T23:02:40Z'),
  analysedAt: new Date('2025-11-21T23:02:39Z'),
  notes: comments({ ...example, context: withoutSil2r, risk: early, extraReasons: [] }, en),
};

const sil2rCorrected = {
  ...example.context,
  sil2r: { value: 850, unit: 'U/mL', method: 'CLEIA', date: '2025-11-19' },
};
const corrected = classify(0.7312, [0.69, 0.77], sil2rCorrected, cutoffs);
const corrects = { controlId: envelope.controlId, risk: example.risk, why: 'sIL-2Rの値の訂正' };
const correction: Report = {
  ...example,
  status: 'C',
  context: sil2rCorrected,
  risk: corrected,
  corrects,
  reportedAt: new Date('2025-11-23T00:11:05Z'),
  notes: comments({ ...example, context: sil2rCorrected, risk: corrected, extraReasons: [], corrects }, ja),
};

const reasons: Report['reasons'] = [{ code: 'LOW_SIGNAL', detail: '' }];
const noResult: Report = {
  ...example,
  status: 'X',
  risk: null,
  interval: null,
  reasons,
  responsible: 'tanaka',
  reportedAt: new Date('2025-11-22T05:40:00Z'),
  notes: comments({ ...example, risk: null, interval: null, extraReasons: reasons }, en),
};

const SAMPLES: Readonly<Record<string, string[]>> = {
  final: lines(example, envelope.controlId),
  preliminary: lines(preliminary, 'RD25112208024000117'),
  correction: lines(correction, 'RD25112309110500131'),
  'no result': lines(noResult, 'RD25112214400000125'),
  'work order': lines(
    { ...example, context: { ...example.context, order: null } },
    envelope.controlId,
    'oul-r22-law',
  ),
  jahis: lines(example, envelope.controlId, 'jahis'),
};

/** The profiles side by side: their defaults, and the segments that they send. */
function profileTable(): string {
  const all = PROFILES.map((profile) => options({}, { profile }));
  const row = (what: string, value: (one: MessageOptions) => string): string =>
    `| ${[what, ...all.map((one) => (value(one) === '' ? '' : `\`${value(one)}\``))].join(' | ')} |`;
  const segments = PROFILES.map((profile) => {
    const ids = lines(example, 'RD1', profile).map((line) => line.slice(0, 3));
    const once = ids.filter((id, index) => id !== ids[index - 1]);
    return once
      .join(' ')
      .replace('OBX', 'OBX…')
      .replace('NTE', 'NTE… [OBX CVTRACE] [OBX CVREPORT] [OBX SIL2R]');
  });
  return [
    `| | ${PROFILES.map((profile) => `\`${profile}\``).join(' | ')} |`,
    `| --- | ${PROFILES.map(() => '---').join(' | ')} |`,
    row('MSH-9 (`structure`)', ({ structure }) => structure.replace(/(...)_(...)/, '$1^$2^$1_$2')),
    row('MSH-12 (`version`)', ({ version }) => version),
    row('set of the bytes (`charset`)', ({ charset }) => charset),
    row('MSH-18 (`msh18`)', ({ msh18 }) => msh18.join('~')),
    row('MSH-20 (`msh20`)', ({ msh20 }) => msh20),
    row('PID-3.5 (`patientIdType`)', ({ patientIdType }) => patientIdType),
    row('OBX-2 of coded results (`codedType`)', ({ codedType }) => codedType),
    row('offset from UTC (`offset`)', ({ offset }) => String(offset)),
    row('OBX-6 of Cv (`unit`)', ({ unit }) => unit),
    row('comments (`notes`)', ({ notes }) => String(notes)),
    row('OBX-4 (`run`)', ({ run }) => String(run)),
    row('OBX-29 (`resultType`)', ({ resultType }) => String(resultType)),
    row('SFT (`software`)', ({ software }) => String(software)),
    row('MSH-15, MSH-16 in original mode', ({ acknowledgements }) => acknowledgements.join(' ').trim()),
    row('MSH-21', ({ conformance }) => conformance.join('^')),
    `| segments | ${segments.join(' | ')} |`,
  ].join('\n');
}

/** The sets side by side, with how many of the characters of JIS X 0208 come back as they were. */
function charsetTable(): string {
  const rows = CHARSETS.map((charset) => {
    const { msh18, msh20 } = options({ charset });
    const survive = [...jisX0208().keys()].filter((one) => roundTrip(one, charset) === one).length;
    const named = [msh18.join('~'), msh20].map((text) => (text === '' ? '' : `\`${text}\``));
    return [charset, ...named, survive.toLocaleString('en'), HAS[charset]];
  });
  return [
    '| `charset` | MSH-18 | MSH-20 | of the 6,879 characters of JIS X 0208 survive | has |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n');
}

const HAS: Readonly<Record<Charset, string>> = {
  'UTF-8': 'all of Unicode',
  'ISO-2022-JP': 'ASCII, JIS X 0208',
  Shift_JIS:
    'as Windows has it (cp932): ASCII, half-width kana, JIS X 0208, NEC and IBM extensions (①, ㈱, 髙)',
  'EUC-JP': 'ASCII, half-width kana, JIS X 0208',
  'ISO-8859-1': 'Western Europe',
  ASCII: 'ASCII',
};

describe('docs/hl7.md', () => {
  test('shows sample messages, profiles and character sets as the program has them (`vitest run test/hl7/docs.test.ts -u` renews them)', async () => {
    const names: string[] = [];
    const renewed = page.replace(
      /(<!-- sample: ([\w ]+) -->\n+```\n)[^`]*(```)/g,
      (_, before: string, name: string, after: string) => {
        names.push(name);
        return `${before}${(SAMPLES[name] ?? ['unknown sample']).join('\n')}\n${after}`;
      },
    );
    expect(names).toEqual(Object.keys(SAMPLES));
    const withProfiles = await withPart(renewed, 'table: profiles', profileTable());
    const whole = await withPart(withProfiles, 'table: charsets', charsetTable());
    await expect(whole).toMatchFileSnapshot(file);
  });

  test('states what each acknowledgement does by default', () => {
    const [lis] = configSchema.parse({
      dataDir: '/d',
      lis: [{ name: 'main', mllp: { host: 'lis', port: 1 } }],
    }).lis;
    for (const [code, verdict] of Object.entries(lis?.verdicts ?? {})) {
      expect(page).toMatch(
        new RegExp(`^\\| \`${code}\` +\\| ${verdict}[^|]*\\| \`verdicts\\.${code}\``, 'm'),
      );
    }
    expect(page).toContain(`after ${lis?.retry.rejections} rejections hold`);
  });

  test('has a row for every field that a message fills', () => {
    const rows = page.split('\n').filter((line) => /^\| (MSH|SFT|PID|ORC|OBR|OBX|NTE|SPM|SAC)-/.test(line));
    const documented = rows.flatMap((row) => (row.split('|')[1] ?? '').match(/[A-Z]{3}-\d+/g) ?? []);
    const always = /^(MSH-[12]|SFT-[13]|OBR-1|OBX-1|NTE-1|SPM-1)$/;
    const written = PROFILES.flatMap((profile) =>
      [example, preliminary, correction, noResult].flatMap((report) => lines(report, 'RD1', profile)),
    );
    for (const line of written) {
      const [id = '', ...fields] = line.split('|');
      const first = id === 'MSH' ? 2 : 1;
      for (const [index, text] of fields.entries()) {
        const field = `${id}-${index + first}`;
        if (text !== '' && !always.test(field)) expect(documented, `${field} of ${line}`).toContain(field);
      }
    }
  });
});
