import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { buildOru } from '../../src/hl7/oru.ts';
import type { Report } from '../../src/hl7/report.ts';
import { classify } from '../../src/risk/classify.ts';
import { comments } from '../../src/risk/comment.ts';
import { cutoffs, envelope, example, options, site } from './example.ts';

const file = fileURLToPath(new URL('../../docs/hl7.md', import.meta.url));
const page = readFileSync(file, 'utf8');

function lines(report: Report, controlId: string): string[] {
  const at = report.reportedAt;
  return buildOru(report, { ...envelope, controlId, createdAt: at }, options(), site)
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
  notes: comments({ ...example, context: withoutSil2r, risk: early, extraReasons: [] }, 'en'),
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
  notes: comments({ ...example, context: sil2rCorrected, risk: corrected, extraReasons: [], corrects }, 'ja'),
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
  notes: comments({ ...example, risk: null, interval: null, extraReasons: reasons }, 'en'),
};

const SAMPLES: Readonly<Record<string, string[]>> = {
  final: lines(example, envelope.controlId),
  preliminary: lines(preliminary, 'RD25112208024000117'),
  correction: lines(correction, 'RD25112309110500131'),
  'no result': lines(noResult, 'RD25112214400000125'),
};

describe('docs/hl7.md', () => {
  test('shows sample messages as the program writes them (`vitest run test/hl7/docs.test.ts -u` renews them)', async () => {
    const names: string[] = [];
    const renewed = page.replace(
      /(<!-- sample: ([\w ]+) -->\n+```\n)[^`]*(```)/g,
      (_, before: string, name: string, after: string) => {
        names.push(name);
        return `${before}${(SAMPLES[name] ?? ['unknown sample']).join('\n')}\n${after}`;
      },
    );
    expect(names).toEqual(Object.keys(SAMPLES));
    await expect(renewed).toMatchFileSnapshot(file);
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
    const rows = page.split('\n').filter((line) => /^\| (MSH|SFT|PID|ORC|OBR|OBX|NTE|SPM)-/.test(line));
    const documented = rows.flatMap((row) => (row.split('|')[1] ?? '').match(/[A-Z]{3}-\d+/g) ?? []);
    const always = /^(MSH-[12]|SFT-[13]|OBR-1|OBX-1|NTE-1|SPM-1)$/;
    for (const line of [example, preliminary, correction, noResult].flatMap((report) =>
      lines(report, 'RD1'),
    )) {
      const [id = '', ...fields] = line.split('|');
      const first = id === 'MSH' ? 2 : 1;
      for (const [index, text] of fields.entries()) {
        const field = `${id}-${index + first}`;
        if (text !== '' && !always.test(field)) expect(documented, `${field} of ${line}`).toContain(field);
      }
    }
  });
});
