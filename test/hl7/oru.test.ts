import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, encode } from '../../src/hl7/charset.ts';
import { buildReport } from '../../src/hl7/build.ts';
import { readMessage, segmentsOf, textAt, type ReadMessage } from '../../src/hl7/read.ts';
import type { Report } from '../../src/hl7/report.ts';
import { classify } from '../../src/risk/classify.ts';
import { cutoffs, envelope, example, options, site } from './example.ts';
import { hostileText } from './hostile.ts';

function build(changes: Partial<Report> = {}, message = options()): readonly string[] {
  return buildReport({ ...example, ...changes }, envelope, message, site).split('\r');
}

/** Lines that begin with `id`. */
function lines(id: string, changes: Partial<Report> = {}, message = options()): readonly string[] {
  return build(changes, message).filter((line) => line.startsWith(`${id}|`));
}

/** A report of one value in one context. */
function valued(cvRaw: number, about: Partial<Report['context']> = {}): Partial<Report> {
  const context = { ...example.context, ...about };
  const interval = [cvRaw - 0.02, cvRaw + 0.02] as const;
  return { context, interval, risk: classify(cvRaw, interval, context, cutoffs) };
}

const failed: Partial<Report> = {
  status: 'X',
  risk: null,
  interval: null,
  reasons: [{ code: 'LOW_SIGNAL', detail: 'peak height 12' }],
  notes: ['No result.'],
};

describe('a final result', () => {
  test('is the message that docs/hl7.md promises, segment by segment', () => {
    const place = '|||F|||20251120090000+0900||AUTO';
    const device = '3500^THERMO~SN21301-017^THERMO|20251122102501+0900';
    expect(build()).toEqual([
      'MSH|^~\\&|RAISINGD|SEQROOM|LIS|HOSP|20251122103015+0900||ORU^R01^ORU_R01|RD25112210301500123|P|2.5.1||||||UNICODE UTF-8',
      'SFT|raisingd|1.0.0|raisingd|git-3f2a9c1|estimator raising-open/1; parameters sha256:51f2c07e9a04; cutoffs sha256:9d1c40aa7b32',
      'PID|1||0001234567^^^HOSP^MR||山田^太郎^^^^^L^I~ヤマダ^タロウ^^^^^L^P||19551203|M',
      'ORC|RE|P778899^LIS|RD25000123^RAISINGD||CM||||20251122103015+0900',
      'OBR|1|P778899^LIS|RD25000123^RAISINGD|HTLV1CLON^HTLV-1 clonality (RAISING Sanger)^99RSG|||20251120090000+0900|||||||||||||||20251122103015+0900||VR|F',
      `OBX|1|NM|CV^HTLV-1 clonality value (Cv)^99RSG||0.73|1^unity^UCUM|<0.25|H${place}|RSGCV^open clonality estimate^99RSG|${device}`,
      `OBX|2|CWE|CVTIER^Cv tier^99RSG||HIGH^High (Cv>=0.50)^99RSG|||A${place}||${device}`,
      `OBX|3|CWE|CVRISK^Aggressive-ATL progression region^99RSG||R4^High risk^99RSG||R1|A${place}||${device}`,
      'NTE|1|L|R4: Cv 0.73 (cut-off 0.50); sIL-2R 1520 U/mL (cut-off 1000; LIS result 2025-11-19, CLEIA). Applies to smoldering ATL.',
      "NTE|2|L|Published high-risk group: mean time to progression to aggressive ATL 25.0 months. A cohort's mean is not a forecast for one patient.",
      'NTE|3|L|Open clonality estimate, research use only until validated; published cut-offs transferred from Saito et al., Haematologica 2025; equivalence to CLOVA not established.',
      'SPM|1|S25-000123&LIS^RD25000123&RAISINGD||BLD^Whole blood^HL70487|||||||P^Patient^HL70369||||||20251120090000+0900',
      '',
    ]);
  });

  test('is the same text every time', () => {
    expect(build()).toEqual(build());
  });

  test.each([
    [0.1, '0.10', 'N', 'LOW^Low (Cv<0.25)^99RSG', 'N'],
    [0.244, '0.24', 'N', 'LOW^Low (Cv<0.25)^99RSG', 'N'],
    [0.245, '0.25', 'H', 'INTERMEDIATE^Intermediate (0.25<=Cv<0.50)^99RSG', 'A'],
    [0.494, '0.49', 'H', 'INTERMEDIATE^Intermediate (0.25<=Cv<0.50)^99RSG', 'A'],
    [0.495, '0.50', 'H', 'HIGH^High (Cv>=0.50)^99RSG', 'A'],
    [1, '1.00', 'H', 'HIGH^High (Cv>=0.50)^99RSG', 'A'],
  ])('with Cv %f says %s, flag %s, tier %s, flag %s', (cvRaw, value, valueFlag, tier, tierFlag) => {
    const [cv = '', cvTier = ''] = lines('OBX', valued(cvRaw));
    expect([cv.split('|')[5], cv.split('|')[8]]).toEqual([value, valueFlag]);
    expect([cvTier.split('|')[5], cvTier.split('|')[8]]).toEqual([tier, tierFlag]);
  });

  test.each([
    [0.3, 800, 'R1^Low risk^99RSG', 'N'],
    [0.6, 800, 'R2^Intermediate risk^99RSG', 'A'],
    [0.3, 1000, 'R3^Intermediate risk^99RSG', 'A'],
    [0.6, 1000, 'R4^High risk^99RSG', 'A'],
  ])('of smoldering ATL with Cv %f and sIL-2R %d is in %s, flag %s', (cvRaw, value, region, flag) => {
    const sil2r = { value, unit: 'U/mL', method: null, date: null };
    const risk = lines('OBX', valued(cvRaw, { sil2r })).find((line) => line.includes('|CVRISK^')) ?? '';
    expect([risk.split('|')[5], risk.split('|')[7], risk.split('|')[8]]).toEqual([region, 'R1', flag]);
  });

  test('has no region outside smoldering ATL, not even an empty one', () => {
    expect(lines('OBX', valued(0.73, { category: 'carrier' })).join()).not.toContain('CVRISK');
    expect(lines('OBX', valued(0.73, { sil2r: null })).join()).not.toContain('CVRISK');
  });

  test('names the reviewer who released it', () => {
    for (const line of lines('OBX', { responsible: 'tanaka' })) expect(line.split('|')[16]).toBe('tanaka');
  });

  test('gives the cut-offs it was judged by', () => {
    const own = { ...cutoffs, cv: { intermediate: 0.2, high: 0.455 } };
    const [cv = '', tier = ''] = lines('OBX', {
      cutoffs: own,
      risk: classify(0.3, [0.3, 0.3], example.context, own),
    });
    expect(cv.split('|')[7]).toBe('<0.20');
    expect(tier.split('|')[5]).toBe('INTERMEDIATE^Intermediate (0.20<=Cv<0.455)^99RSG');
  });
});

describe('what is not known is left empty', () => {
  test('the order', () => {
    const context = { ...example.context, order: null };
    expect(lines('OBR', { context })[0]).toMatch(/^OBR\|1\|\|RD25000123\^RAISINGD\|HTLV1CLON/);
    expect(lines('ORC', { context })[0]).toMatch(/^ORC\|RE\|\|RD25000123\^RAISINGD\|\|CM/);
  });

  test('the patient', () => {
    expect(lines('PID', { context: { ...example.context, patient: null } })).toEqual(['PID|1']);
  });

  test('single facts of the patient', () => {
    const patient = { id: 'P1', name: null, nameKana: null, birthDate: null, sex: null };
    expect(lines('PID', { context: { ...example.context, patient } })).toEqual(['PID|1||P1^^^HOSP^MR']);
  });

  test('the time of collection', () => {
    const text = build({ context: { ...example.context, collected: null } }).join('\r');
    expect(text).not.toContain('20251120090000');
    expect(text).toContain('BLD^Whole blood^HL70487|||||||P^Patient^HL70369\r');
  });

  test('the instrument', () => {
    expect(lines('OBX', { origin: null })[1]).toMatch(/\|AUTO\|\|\|20251122102501\+0900$/);
    const origin = example.origin === null ? null : { ...example.origin, serial: null };
    expect(lines('OBX', { origin })[1]).toMatch(/\|AUTO\|\|3500\^THERMO\|20251122102501\+0900$/);
  });

  test('the maker of an instrument that is not known to us', () => {
    const origin = example.origin === null ? null : { ...example.origin, model: 'DS3000' };
    expect(lines('OBX', { origin })[1]).toContain('|DS3000~SN21301-017|');
  });

  test('the build, where the version must do', () => {
    const text = buildReport(
      example,
      { ...envelope, software: { version: '1.0.0', build: '' } },
      options(),
      site,
    );
    expect(text).toContain('\rSFT|raisingd|1.0.0|raisingd|1.0.0|');
  });
});

describe('a name', () => {
  test.each([
    ['山田 太郎', null, '山田^太郎^^^^^L^I'],
    ['山田　太郎', 'ヤマダ　タロウ', '山田^太郎^^^^^L^I~ヤマダ^タロウ^^^^^L^P'],
    ['山田^太郎', 'やまだ^たろう', '山田^太郎^^^^^L^I~やまだ^たろう^^^^^L^P'],
    ['  山田 太郎  ', null, '山田^太郎^^^^^L^I'],
    ['山田太郎', null, '山田太郎^^^^^^L^I'],
    [null, 'ヤマダ タロウ', 'ヤマダ^タロウ^^^^^L^P'],
    ['Smith John Paul', null, 'Smith^John Paul^^^^^L^A'],
    ['Smith^John^Paul^^^', null, 'Smith^John^Paul^^^^L^A'],
    ['van der Berg^Anna', null, 'van der Berg^Anna^^^^^L^A'],
    ['　', 'ヤマダ', 'ヤマダ^^^^^^L^P'],
    ["O'Brien&Sons Ann~Marie", null, "O'Brien\\T\\Sons^Ann\\R\\Marie^^^^^L^A"],
  ])('%j with reading %j is written %s', (name, nameKana, field) => {
    const patient = { id: null, name, nameKana, birthDate: null, sex: null };
    expect(lines('PID', { context: { ...example.context, patient } })).toEqual([`PID|1||||${field}`]);
  });
});

test('a date of birth that is none stops the message and is not quoted', () => {
  const patient = { id: null, name: null, nameKana: null, birthDate: '03/12/1955', sex: null };
  expect(() => lines('PID', { context: { ...example.context, patient } })).toThrow(/^PID-7 is no time[^/]*$/);
});

describe('other than final', () => {
  test('a preliminary result says so in each observation', () => {
    const changes: Partial<Report> = { status: 'P', ...valued(0.73, { sil2r: null }) };
    expect(lines('ORC', changes)[0]).toContain('||IP||||');
    expect(lines('OBR', changes)[0]).toMatch(/\|P$/);
    expect(lines('OBX', changes).map((line) => line.split('|')[11])).toEqual(['P', 'P']);
  });

  test('a correction marks what has changed, and keeps its key', () => {
    const before = classify(
      0.7312,
      [0.7, 0.75],
      { ...example.context, sil2r: { ...sil2r, value: 800 } },
      cutoffs,
    );
    const corrects = { controlId: 'RD1', risk: before, why: 'sIL-2R corrected' };
    const changes: Partial<Report> = { status: 'C', corrects };
    expect(lines('OBR', changes)[0]).toMatch(/^OBR\|1\|P778899\^LIS\|RD25000123\^RAISINGD\|.*\|C$/);
    expect(lines('OBX', changes).map((line) => line.split('|')[11])).toEqual(['F', 'F', 'C']);
  });

  const sil2r = { value: 1520, unit: 'U/mL', method: 'CLEIA', date: '2025-11-19' };

  test('a correction that loses the region takes the old one back', () => {
    const corrects = { controlId: 'RD1', risk: example.risk, why: 'unit was wrong' };
    const changes: Partial<Report> = { status: 'C', corrects, ...valued(0.7312, { sil2r: null }) };
    expect(lines('OBX', changes)[2]).toMatch(/^OBX\|3\|CWE\|CVRISK\^Aggressive[^|]*\|\|\|\|\|\|\|\|X\|/);
  });

  test('a value after a report without one is a change in all of it', () => {
    const corrects = { controlId: 'RD1', risk: null, why: 'repeated' };
    expect(lines('OBX', { status: 'C', corrects }).map((line) => line.split('|')[11])).toEqual([
      'C',
      'C',
      'C',
    ]);
  });

  test('no result has no value, no flag and no range, and a reason', () => {
    const [cv = '', tier = '', why = '', ...further] = lines('OBX', failed);
    expect(cv).toMatch(/^OBX\|1\|NM\|CV\^[^|]*\|\|\|\|\|\|\|\|X\|/);
    expect(tier).toMatch(/^OBX\|2\|CWE\|CVTIER\^[^|]*\|\|\|\|\|\|\|\|X\|/);
    expect(why).toMatch(
      /^OBX\|3\|CWE\|CVQC\^Reason for no clonality value\^99RSG\|\|LOW_SIGNAL\^The signal is too weak against its noise\^99RSG\|\|\|\|\|\|F\|/,
    );
    expect(further).toEqual([]);
    expect(lines('NTE', failed)).toEqual(['NTE|1|L|No result.']);
    expect(lines('OBR', failed)[0]).toMatch(/\|X$/);
  });

  test('no result after one takes the region back as well', () => {
    const corrects = { controlId: 'RD1', risk: example.risk, why: 'the wrong tube' };
    const all = lines('OBX', { ...failed, corrects });
    expect(all.map((line) => [line.split('|')[3]?.split('^')[0], line.split('|')[11]])).toEqual([
      ...[
        ['CV', 'X'],
        ['CVTIER', 'X'],
        ['CVRISK', 'X'],
        ['CVQC', 'F'],
      ],
    ]);
  });

  test("a value that was not this patient's is marked as wrong", () => {
    const corrects = { controlId: 'RD1', risk: example.risk, why: 'the wrong patient' };
    const reasons: Report['reasons'] = [{ code: 'WRONG_PATIENT', detail: '' }];
    const all = lines('OBX', { ...failed, reasons, corrects });
    expect(all.map((line) => line.split('|')[11])).toEqual(['W', 'W', 'W', 'F']);
  });

  test('several reasons are told apart in OBX-4', () => {
    const reasons: Report['reasons'] = [
      { code: 'LOW_SIGNAL', detail: '' },
      { code: 'NOISY_ANCHOR', detail: '' },
    ];
    const codes = lines('OBX', { ...failed, reasons }).filter((line) => line.includes('CVQC'));
    expect(codes.map((line) => line.split('|')[4])).toEqual(['1', '2']);
  });

  test.each<[string, Partial<Report>, RegExp]>([
    ['no value in a final result', { risk: null }, /result RD25000123: status F and Cv none/],
    ['a value where there is no result', { ...failed, risk: example.risk }, /status X and Cv 0\.73/],
    ['no result without a reason', { ...failed, reasons: [] }, /status X needs a reason/],
    ['a correction of nothing', { status: 'C' }, /says what it corrects/],
    [
      'a final result that corrects',
      { corrects: { controlId: '1', risk: null, why: '' } },
      /says what it corrects/,
    ],
  ])('%s is refused', (_what, changes, message) => {
    expect(() => build(changes)).toThrow(message);
  });
});

describe('a site', () => {
  test('names sender, receiver and processing', () => {
    const message = options({ receivingApplication: 'MEDLAS', receivingFacility: '病院', processingId: 'T' });
    expect(build({}, message)[0]).toMatch(/^MSH\|\^~\\&\|RAISINGD\|SEQROOM\|MEDLAS\|病院\|.*\|T\|2\.5\.1\|/);
    expect(lines('PID', {}, message)[0]).toContain('0001234567^^^病院^MR');
    expect(lines('OBR', {}, message)[0]).toContain('P778899^MEDLAS');
  });

  test('leaves out offsets from UTC', () => {
    expect(build({}, options({ offset: false })).join()).not.toContain('+0900');
    expect(build({}, options({ offset: false }))[0]).toContain('|20251122103015|');
  });

  test('gets CE in place of CWE', () => {
    expect(lines('OBX', {}, options({ codedType: 'CE' })).map((line) => line.split('|')[2])).toEqual([
      ...['NM', 'CE', 'CE'],
    ]);
  });

  test('leaves out the unit of Cv', () => {
    expect(lines('OBX', {}, options({ unit: '' }))[0]).toContain('||0.73||<0.25|H|');
  });

  test('leaves out comments', () => {
    expect(lines('NTE', {}, options({ notes: false }))).toEqual([]);
  });

  test('uses its own codes', () => {
    const codes = {
      HTLV1CLON: { code: '5F450', text: 'HTLV-1クロナリティ', system: 'JC10' },
      CV: { code: 'X1' },
      HIGH: { code: '3', text: '高' },
    };
    const message = options({ codes });
    expect(lines('OBR', {}, message)[0]?.split('|')[4]).toBe('5F450^HTLV-1クロナリティ^JC10');
    const [cv = '', tier = ''] = lines('OBX', {}, message);
    expect(cv.split('|')[3]).toBe('X1^HTLV-1 clonality value (Cv)^99RSG');
    expect(tier.split('|')[3]).toBe('CVTIER^Cv tier^99RSG');
    expect(tier.split('|')[5]).toBe('3^高^99RSG');
  });

  test('opts in to sIL-2R, which keeps its own date and method and none of ours', () => {
    const all = build({}, options({ sil2r: true }));
    const at = all.findIndex((line) => line.includes('SIL2R'));
    expect(all[at]).toBe(
      'OBX|4|NM|SIL2R^Soluble IL-2 receptor, as reported to us^99RSG||1520|U/mL|<1000|H|||F|||20251119|||^CLEIA',
    );
    expect(all[at - 1]).toMatch(/^NTE\|3/);
    expect(build().join()).not.toContain('SIL2R');
  });

  test.each([
    ['pg/mL', 'pg/mL|||||F'],
    ['', '|||||F'],
  ])('gets sIL-2R in %j without range or flag', (unit, rest) => {
    const context = { ...example.context, sil2r: { value: 850.5, unit, method: null, date: null } };
    const changes = valued(0.73, context);
    expect(lines('OBX', changes, options({ sil2r: true }))[2]).toBe(
      `OBX|3|NM|SIL2R^Soluble IL-2 receptor, as reported to us^99RSG||850.5|${rest}`,
    );
  });
});

describe('MSH-10', () => {
  test.each(['', 'RD2511221030150012345', 'RD 1', 'RD|1', 'RD^1', '山'])('%j is refused', (controlId) => {
    expect(() => buildReport(example, { ...envelope, controlId }, options(), site)).toThrow(/^MSH-10: /);
  });
});

describe('whatever a worklist, a trace or a reviewer brings', () => {
  const read = (report: Report): ReadMessage => {
    const encoded = encode(buildReport(report, envelope, options(), site), 'UTF-8');
    if (!encoded.ok) throw new Error(encoded.detail);
    const decoded = decode(encoded.bytes, 'UTF-8');
    if (!decoded.ok) throw new Error(decoded.detail);
    const reading = readMessage(decoded.text);
    if (!reading.ok) throw new Error(reading.detail);
    return reading.message;
  };

  const anyTexts = {
    accession: hostileText,
    order: hostileText,
    id: hostileText,
    model: hostileText,
    responsible: hostileText,
    note: hostileText,
    method: hostileText,
  };

  test('accession, order, ids, codes, model and comments arrive as they were, in the same segments', () => {
    fc.assert(
      fc.property(fc.record(anyTexts), ({ accession, order, id, model, responsible, note, method }) => {
        const patient = { id, name: null, nameKana: null, birthDate: null, sex: null };
        const origin = example.origin === null ? null : { ...example.origin, model, serial: null };
        const sil2r = { value: 1, unit: note, method, date: null };
        const context = { ...example.context, accession, order, patient, sil2r };
        const message = read({ ...example, context, origin, responsible, notes: [note] });
        expect(message.segments.map((segment) => segment.id).join(' ')).toBe(
          'MSH SFT PID ORC OBR OBX OBX OBX NTE SPM',
        );
        const [obx] = segmentsOf(message, 'OBX');
        expect([
          textAt(segmentsOf(message, 'SPM')[0], 2),
          textAt(segmentsOf(message, 'OBR')[0], 2),
          textAt(segmentsOf(message, 'PID')[0], 3),
          textAt(obx, 18),
          textAt(obx, 16),
          textAt(segmentsOf(message, 'NTE')[0], 3),
        ]).toEqual([accession, order, id, model, responsible, note]);
      }),
      { numRuns: 200 },
    );
  });

  test('a name arrives with all its characters but the gap between its parts', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (name, nameKana) => {
        fc.pre(name.trim() !== '' && nameKana.trim() !== '');
        const patient = { id: null, name, nameKana, birthDate: null, sex: null };
        const message = read({ ...example, context: { ...example.context, patient } });
        const [pid, ...others] = segmentsOf(message, 'PID');
        expect(others).toEqual([]);
        const bare = (text: string): string => text.replace(/[\s^]/gu, '');
        const arrived = (occurrence: number): string =>
          bare([1, 2, 3].map((part) => textAt(pid, 5, part, 1, occurrence)).join(''));
        expect([arrived(1), arrived(2)]).toEqual([bare(name), bare(nameKana)]);
      }),
      { numRuns: 200 },
    );
  });

  test('half a surrogate pair is never sent as something else', () => {
    const message = buildReport({ ...example, notes: ['a\uD83Db'] }, envelope, options(), site);
    expect(encode(message, 'UTF-8')).toEqual({
      ok: false,
      detail: 'NTE-3: U+D83D cannot be written in UTF-8',
    });
  });
});
