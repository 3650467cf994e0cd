import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildReport } from '../../src/hl7/build.ts';
import { readMessage } from '../../src/hl7/read.ts';
import type { Report } from '../../src/hl7/report.ts';
import { envelope, example, options, site, type ProfileName } from './example.ts';
import { toPng } from '../../src/report/png.ts';
import { hostileText } from './hostile.ts';

type Message = Parameters<typeof options>[0];
type Changes = Parameters<typeof options>[1];

function build(
  profile: ProfileName,
  report: Partial<Report> = {},
  message: Message = {},
  changes: Changes = {},
) {
  return buildReport({ ...example, ...report }, envelope, options(message, { profile, ...changes }), site)
    .trimEnd()
    .split('\r');
}

const ids = (lines: readonly string[]): string => lines.map((line) => line.slice(0, 3)).join(' ');
const field = (lines: readonly string[], id: string, number: number): string =>
  lines.find((line) => line.startsWith(`${id}|`))?.split('|')[number - (id === 'MSH' ? 1 : 0)] ?? '';

const noResult: Partial<Report> = {
  status: 'X',
  risk: null,
  interval: null,
  reasons: [
    { code: 'LOW_SIGNAL', detail: '' },
    { code: 'NOISY_ANCHOR', detail: '' },
  ],
};

describe('oul-r22-law', () => {
  test('is the LAB-29 message that docs/hl7.md promises', () => {
    const lines = build(
      'oul-r22-law',
      { notes: [] },
      { patientAuthority: { universalId: '2.999.3', universalIdType: 'ISO' } },
    );
    const device = 'AUTO|METHOD|3500^THERMO~SN21301-017^THERMO|20251122102501+0900||||||||||RSLT';
    const method = 'RSGCV^open clonality estimate^99RSG';
    expect(lines).toEqual([
      'MSH|^~\\&|RAISINGD|SEQROOM|LIS|HOSP|20251122103015+0900||OUL^R22^OUL_R22|RD25112210301500123|P|2.5.1|||NE|AL||UNICODE UTF-8|||LAB-29^IHE',
      'PID|1||0001234567^^^HOSP&2.999.3&ISO^MR||山田^太郎^^^^^L^I~ヤマダ^タロウ^^^^^L^P||19551203|M',
      'SPM|1|S25-000123&LIS||BLD^Whole blood^HL70487|||||||P^Patient^HL70369',
      'SAC|||S25-000123^LIS',
      'OBR|1|P778899^LIS|RD25000123^RAISINGD|HTLV1CLON^HTLV-1 clonality (RAISING Sanger)^99RSG',
      'ORC|SC||||CM',
      `OBX|1|NM|CV^HTLV-1 clonality value (Cv)^99RSG|1|0.73|1^unity^UCUM|<0.25|H|||F|||||${device.replace('METHOD', method)}`,
      `OBX|2|CWE|CVTIER^Cv tier^99RSG|1|HIGH^High (Cv>=0.50)^99RSG|||A|||F|||||${device.replace('METHOD', '')}`,
      `OBX|3|CWE|CVRISK^Aggressive-ATL progression region^99RSG|1|R4^High risk^99RSG||R1|A|||F|||||${device.replace('METHOD', '')}`,
    ]);
  });

  test('says with the HL7 null that there is no work order', () => {
    const lines = build('oul-r22-law', { context: { ...example.context, order: null } });
    expect(field(lines, 'OBR', 2)).toBe('""');
    expect(field(lines, 'OBR', 3)).toBe('RD25000123^RAISINGD');
  });

  test('does not turn an order that is two quotation marks into the null', () => {
    const lines = build('oul-r22-law', { context: { ...example.context, order: '""' } });
    expect(field(lines, 'OBR', 2)).toBe('\\X2222\\^LIS');
  });

  test('gives each reason a number of its own in OBX-4', () => {
    const lines = build('oul-r22-law', noResult).filter((line) => line.startsWith('OBX'));
    expect(
      lines.map((line) =>
        line
          .split('|')
          .slice(3, 5)
          .join(' ')
          .replace(/\^[^ ]*.*\^99RSG/, ''),
      ),
    ).toEqual([...['CV 1', 'CVTIER 1', 'CVQC 1', 'CVQC 2']]);
  });

  test('asks for the acknowledgements of the destination', () => {
    const asked = (acknowledge: 'original' | 'commit' | 'enhanced', profile: ProfileName): string => {
      const lines = build(profile, {}, {}, { acknowledge });
      return `${field(lines, 'MSH', 15)} ${field(lines, 'MSH', 16)}`;
    };
    expect(asked('original', 'oul-r22-law')).toBe('NE AL');
    expect(asked('original', 'oru-r01-2.5.1')).toBe(' ');
    expect(asked('commit', 'jahis')).toBe('AL NE');
    expect(asked('enhanced', 'oul-r22-law')).toBe('AL AL');
  });
});

describe('jahis', () => {
  const lines = build('jahis');

  test('is OUL^R22 of HL7 2.5, its specimen first', () => {
    expect(ids(lines)).toBe('MSH SFT PID SPM OBR ORC OBX OBX OBX NTE NTE NTE');
    expect(field(lines, 'MSH', 9)).toBe('OUL^R22^OUL_R22');
    expect(field(lines, 'MSH', 12)).toBe('2.5');
  });

  test('names its character sets as JAHIS does', () => {
    expect(field(lines, 'MSH', 18)).toBe('~ISO IR87');
    expect(field(lines, 'MSH', 20)).toBe('ISO 2022-1994');
  });

  test('has kanji and kana of the name, and no offset in any time', () => {
    expect(field(lines, 'PID', 5)).toBe('山田^太郎^^^^^L^I~ヤマダ^タロウ^^^^^L^P');
    expect(field(lines, 'PID', 3)).toBe('0001234567^^^HOSP^PI');
    expect(lines.join('|')).not.toMatch(/\d{14}[+-]\d{4}/);
  });

  test('has JLAC10 where the site maps its codes', () => {
    const code = { code: '5J0950000023052', text: '可溶性IL-2レセプター', system: 'JC10' };
    const obx = build('jahis', {}, { sil2r: true, codes: { SIL2R: code } });
    expect(obx.find((line) => line.includes('JC10'))).toContain(
      '|5J0950000023052^可溶性IL-2レセプター^JC10||1520|',
    );
  });

  test('can be ORU^R01, as some sites have it', () => {
    const oru = build('jahis', {}, { structure: 'ORU_R01' });
    expect(ids(oru)).toBe('MSH SFT PID ORC OBR OBX OBX OBX NTE NTE NTE SPM');
    expect(field(oru, 'MSH', 9)).toBe('ORU^R01^ORU_R01');
    expect(field(oru, 'MSH', 12)).toBe('2.5');
    expect(field(oru, 'ORC', 1)).toBe('RE');
  });
});

describe('a switch of the site goes before the profile', () => {
  test.each<[string, Message, string, number, string]>([
    ['version', { version: '2.5' }, 'MSH', 12, '2.5'],
    ['MSH-3', { sendingApplication: 'SEQ' }, 'MSH', 3, 'SEQ'],
    ['MSH-4', { sendingFacility: 'ROOM2' }, 'MSH', 4, 'ROOM2'],
    ['MSH-11', { processingId: 'T' }, 'MSH', 11, 'T'],
    ['the name of the set', { msh18: 'UNICODE' }, 'MSH', 18, 'UNICODE'],
    ['the name of another set', { charset: 'ISO-8859-1' }, 'MSH', 18, '8859/1'],
    ['no name of the set, where HL7 has none', { charset: 'Shift_JIS' }, 'MSH', 18, ''],
    ['ISO-2022-JP', { charset: 'ISO-2022-JP' }, 'MSH', 20, 'ISO 2022-1994'],
    [
      'the authority',
      { patientAuthority: { namespace: 'NHS', universalId: '', universalIdType: '' } },
      'PID',
      3,
      '0001234567^^^NHS^MR',
    ],
    ['the kind of patient id', { patientIdType: 'PI' }, 'PID', 3, '0001234567^^^HOSP^PI'],
    ['its own letters', { flags: { high: 'h', abnormal: 'x', normal: '' } }, 'OBX', 8, 'h'],
    ['no flags', { flags: { high: '', abnormal: '', normal: '' } }, 'OBX', 8, ''],
    ['a number of the run', { run: true }, 'OBX', 4, '1'],
    ['the kind of the result', { resultType: true }, 'OBX', 29, 'RSLT'],
    ['no software', { software: false }, 'SFT', 1, ''],
    [
      'its own specimen type',
      { codes: { BLD: { code: '019', text: '全血', system: 'JC10' } } },
      'SPM',
      4,
      '019^全血^JC10',
    ],
    ['its own method', { codes: { RSGCV: { code: 'M1' } } }, 'OBX', 17, 'M1^open clonality estimate^99RSG'],
  ])('%s', (_what, message, id, number, expected) => {
    expect(field(build('oru-r01-2.5.1', {}, message), id, number)).toBe(expected);
  });

  test('in codes of tiers, regions and reasons', () => {
    const codes = {
      HIGH: { code: '3', text: '高' },
      R4: { code: '4', system: 'L' },
      LOW_SIGNAL: { code: 'Q1', text: '信号低値', system: 'L' },
    };
    const values = (report: Partial<Report>): string[] =>
      build('oru-r01-2.5.1', report, { codes })
        .filter((line) => line.startsWith('OBX'))
        .map((line) => line.split('|')[5] ?? '');
    expect(values({})).toEqual(['0.73', '3^高^99RSG', '4^High risk^L']);
    expect(values(noResult)).toEqual(expect.arrayContaining(['Q1^信号低値^L']));
  });

  test('and the result keeps its key when the sender is renamed', () => {
    expect(field(build('oru-r01-2.5.1', {}, { sendingApplication: 'SEQ' }), 'OBR', 3)).toBe(
      'RD25000123^RAISINGD',
    );
  });
});

describe('the picture of the trace', () => {
  const noise = Uint8Array.from({ length: 2700 }, (_, index) => 1e6 * Math.abs(Math.sin(index)));
  const picture = new Uint8Array(toPng({ width: 30, height: 30, rgb: noise }));
  const send = { picture: { send: true, maxKiB: 3 } };
  const observed = (report: Partial<Report>, message: Message) =>
    build('oru-r01-2.5.1', { picture, ...report }, message).filter((line) => line.startsWith('OBX|4'));

  test('is an OBX of encapsulated data behind the comments, and holds every byte', () => {
    const lines = build('oru-r01-2.5.1', { picture }, send);
    expect(ids(lines)).toBe('MSH SFT PID ORC OBR OBX OBX OBX NTE NTE NTE OBX SPM');
    const [obx = ''] = observed({}, send);
    expect(obx).toMatch(
      /^OBX\|4\|ED\|CVTRACE\^Trace picture\^99RSG\|\|RAISINGD\^IM\^PNG\^Base64\^[\w+/=]+\|{6}F\|/,
    );
    const [, data = ''] = /Base64\^([^|]+)/.exec(obx) ?? [];
    expect(new Uint8Array(Buffer.from(data, 'base64'))).toEqual(picture);
  });

  test('is off by default, above its size limit, and without a value', () => {
    expect(observed({}, {})).toEqual([]);
    expect(observed({}, { picture: { send: true, maxKiB: 1 } })).toEqual([]);
    expect(observed(noResult, send).join()).not.toContain('CVTRACE');
    expect(observed({ picture: null }, send)).toEqual([]);
  });

  test('is joined by a page of PDF where that is wanted', () => {
    const lines = build('jahis', { picture }, { picture: { send: true, maxKiB: 64 }, pdf: true });
    const obx = lines.filter((line) => line.startsWith('OBX'));
    expect(obx[4]).toMatch(/^OBX\|5\|ED\|CVREPORT\^Report\^99RSG\|\|RAISINGD\^AP\^PDF\^Base64\^JVBERi0/);
    expect(build('jahis', { picture: null }, { pdf: true }).join()).toContain('CVREPORT');
    expect(build('jahis', noResult, { pdf: true }).join()).not.toContain('CVREPORT');
  });

  test('stands before sIL-2R and leaves it its own number', () => {
    const lines = build('oul-r22-law', { picture }, { ...send, sil2r: true }).filter((line) =>
      line.startsWith('OBX'),
    );
    expect(lines.map((line) => line.split('|')[1])).toEqual(['1', '2', '3', '4', '5']);
    expect(lines[4]).toContain('|SIL2R^');
  });
});

test.each<[ProfileName, string]>([
  ['oru-r01-2.5.1', 'MSH SFT PID ORC OBR OBX OBX OBX NTE SPM'],
  ['oul-r22-law', 'MSH PID SPM SAC OBR ORC OBX OBX OBX NTE'],
  ['jahis', 'MSH SFT PID SPM OBR ORC OBX OBX OBX NTE'],
])('%s has the same segments whatever texts come', (profile, expected) => {
  const texts = {
    accession: hostileText,
    order: hostileText,
    id: hostileText,
    name: hostileText,
    note: hostileText,
  };
  fc.assert(
    fc.property(fc.record(texts), ({ accession, order, id, name, note }) => {
      const patient = { id, name, nameKana: name, birthDate: null, sex: null };
      const context = { ...example.context, accession, order, patient };
      const report = { ...example, context, notes: [note] };
      const reading = readMessage(buildReport(report, envelope, options({}, { profile }), site));
      if (!reading.ok) throw new Error(reading.detail);
      expect(reading.message.segments.map((segment) => segment.id).join(' ')).toBe(expected);
    }),
    { numRuns: 60 },
  );
});
