import HL7 from 'hl7-standard';
import { describe, expect, test } from 'vitest';
import { buildMessage, type Field } from '../../src/hl7/message.ts';
import { readMessage, textAt, type ReadMessage } from '../../src/hl7/read.ts';

/**
 * What hl7-standard 1.0.4 does wrong, each beside what we do in its place. A failure of a `library` expectation
 * means that an update of the library has mended something: the guard in src/hl7/assemble.ts may become simpler.
 */
const mended = (what: string): string => `hl7-standard has changed: it no longer ${what}`;

const MSH = 'MSH|^~\\&|A|B|C|D|20250101||ORU^R01|1|P|2.5.1';

function throughLibrary(...segments: string[]): string {
  const message = new HL7([MSH, ...segments].join('\r'));
  message.transform();
  return message.build();
}

function builtByLibrary(field: string, value: string): string {
  const message = new HL7('');
  message.createSegment('PID');
  message.set(field, value);
  return message.build();
}

function ours(fields: Readonly<Record<number, Field>>, id = 'PID'): string {
  return buildMessage([
    { id: 'MSH', fields: { 3: 'A' } },
    { id, fields },
  ]);
}

function read(text: string): ReadMessage {
  const reading = readMessage(text);
  if (!reading.ok) throw new Error(reading.detail);
  return reading.message;
}

describe('writing', () => {
  test('a name with delimiters and a carriage return stays one field of one segment', () => {
    const evil = 'a|b^c&d~e\\f\rPID|evil';
    expect(builtByLibrary('PID.5', evil), mended('writes texts without escaping them')).toBe(
      `PID|||||${evil}|`,
    );

    const text = ours({ 5: evil });
    expect(text.match(/PID\|/g)).toHaveLength(1);
    expect(text).toContain('PID|||||a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f\\X0D\\PID\\F\\evil\r');
    expect(textAt(read(text).segments[1], 5)).toBe(evil);
  });

  test('subcomponents are written with &, also where there is but one component', () => {
    expect(throughLibrary('SPM|1|A&B'), mended('turns A&B into A~B')).toContain('SPM|1|A~B');

    expect(ours({ 2: [['A', 'B']] }, 'SPM')).toContain('SPM||A&B\r');
  });

  test('a subcomponent ends up where it was meant', () => {
    expect(builtByLibrary('PID.3.4.2', 'x'), mended('writes PID.3.4.2 to PID-3.4')).toBe('PID|||^^^x|');

    expect(ours({ 3: ['', '', '', ['', 'x']] })).toContain('PID|||^^^&x\r');
  });

  test('segments end in CR alone', () => {
    expect(throughLibrary('PID|1'), mended('ends segments in CR LF by default')).toContain('\r\n');

    expect(ours({ 1: '1' })).not.toContain('\n');
  });

  test('the last segment ends in CR as well', () => {
    expect(throughLibrary('PID|1').at(-1), mended('leaves the last segment open')).toBe('|');

    expect(ours({ 1: '1' })).toMatch(/PID\|1\r$/);
  });

  test('no segment has bars at its end', () => {
    expect(throughLibrary('PID|1'), mended('puts a bar behind each segment')).toMatch(/PID\|1\|$/);

    expect(ours({ 1: '1', 8: '' })).toMatch(/PID\|1\r$/);
  });

  test('a field without occurrences leaves the fields behind it in their places', () => {
    const message = new HL7('');
    message.createSegment('PID').set('PID', { 'PID.1': '1', 'PID.2': [], 'PID.3': 'x' });
    expect(message.build(), mended('drops an empty field with its bar')).toBe('PID|1|x|');

    expect(ours({ 1: '1', 2: { repeat: [] }, 3: 'x' })).toContain('PID|1||x\r');
    expect(ours({ 1: '1', 2: [], 3: 'x' })).toContain('PID|1||x\r');
  });
});

describe('reading', () => {
  test('escapes are undone', () => {
    const message = new HL7(`${MSH}\rPID|||||O\\T\\Brien`);
    message.transform();
    expect(message.get('PID.5'), mended('leaves escapes as they are')).toBe('O\\T\\Brien');

    expect(textAt(read(`${MSH}\rPID|||||O\\T\\Brien`).segments[1], 5)).toBe('O&Brien');
  });

  test('a segment of nothing but its id is kept', () => {
    expect(throughLibrary('ZZZ', 'PID|1'), mended('drops bare segments')).not.toContain('ZZZ');

    expect(read(`${MSH}\rZZZ\rPID|1`).segments.map(({ id }) => id)).toEqual(['MSH', 'ZZZ', 'PID']);
  });

  test('encoding characters of the sender are honoured', () => {
    const other = 'MSH|$%!@|A|B\rPID|1||1$2%3$4';
    const message = new HL7(other);
    message.transform();
    expect(message.build(), mended('forces MSH-2 to ^~\\&')).toContain('MSH|^~\\&|A|B');

    const { segments } = read(other);
    expect(textAt(segments[0], 2)).toBe('$%!@');
    expect(segments[1]?.fields[2]).toEqual([
      [['1'], ['2']],
      [['3'], ['4']],
    ]);
  });

  test('a field separator of the sender is honoured', () => {
    const other = 'MSH#^~\\&#A#B\rPID#1';
    const message = new HL7(other);
    message.transform();
    expect(message.build(), mended('makes nothing of another MSH-1')).toBe('');

    expect(textAt(read(other).segments[0], 3)).toBe('A');
    expect(textAt(read(other).segments[0], 1)).toBe('#');
  });

  test.each([
    ['a single segment without an end', MSH],
    ['a byte order mark', `\uFEFF${MSH}\rPID|1`],
    ['MLLP framing', `\u000b${MSH}\rPID|1\u001c\r`],
  ])('%s is no obstacle', (_what, text) => {
    const message = new HL7(text);
    expect(() => {
      message.transform();
    }, mended('throws on it')).toThrow();

    expect(textAt(read(text).segments[0], 10)).toBe('1');
  });

  test('an occurrence that is not there is empty, not an exception', () => {
    const message = new HL7(`${MSH}\rPID|1||1^2~3^4`);
    message.transform();
    expect(() => message.get('PID.3.1', 0, 5), mended('throws on a missing occurrence')).toThrow();

    expect(textAt(read(`${MSH}\rPID|1||1^2~3^4`).segments[1], 3, 1, 1, 6)).toBe('');
  });

  test('nothing at all is refused, not an exception', () => {
    const nothing = new HL7(JSON.parse('null') as string);
    expect(() => {
      nothing.transform();
    }, mended('throws on null')).toThrow();

    expect(readMessage('')).toEqual({ ok: false, detail: 'the text does not begin with MSH' });
  });
});

describe('what the library has right, and we rely on', () => {
  test.each([
    ['PID|1||1^^^A&B&C^MR~2^^^D^MR'],
    ['PID|1||||山田^太郎^^^^^L^I~ヤマダ^タロウ^^^^^L^P'],
    ['PID|""|^^x|a^b\\T\\c'],
  ])('%s comes out as it went in', (segment) => {
    expect(throughLibrary(segment)).toContain(`${segment}|`);
  });
});
