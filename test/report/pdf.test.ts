import { inflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { reportPdf } from '../../src/hl7/report-pdf.ts';
import { toPng } from '../../src/report/png.ts';
import { example } from '../hl7/example.ts';

const rgb = Uint8Array.from({ length: 3 * 6 * 4 }, (_, index) => index);
const picture = toPng({ width: 6, height: 4, rgb });
const pdf = (changes: Partial<typeof example> = {}): Buffer =>
  Buffer.from(reportPdf({ ...example, picture, ...changes }, 'SEQROOM'));

/** The objects of a PDF, found as a reader finds them: by the table at its end. */
function objectsOf(file: Buffer): string[] {
  const text = file.toString('latin1');
  const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(text)?.[1]);
  const [first = '', ...entries] = text.slice(start).match(/^\d{10} \d{5} [fn] $/gm) ?? [];
  expect(first).toBe('0000000000 65535 f ');
  return entries.map((entry, index) => {
    const object = text.slice(Number(entry.slice(0, 10)));
    expect(object.startsWith(`${index + 1} 0 obj\n`)).toBe(true);
    return object.slice(0, object.indexOf('\nendobj\n'));
  });
}

function streamOf(object: string): Buffer {
  const length = Number(/\/Length (\d+)/.exec(object)?.[1]);
  const start = object.indexOf('stream\n') + 7;
  expect(object.slice(start + length)).toBe('\nendstream');
  return inflateSync(Buffer.from(object.slice(start, start + length), 'latin1'));
}

/** The words on the page, in their order. */
function wordsOf(file: Buffer): string[] {
  const page = streamOf(objectsOf(file)[6] ?? '').toString('latin1');
  return Array.from(page.matchAll(/<([0-9a-f]*)> Tj/g), ([, digits = '']) =>
    String.fromCharCode(...(digits.match(/.{4}/g) ?? []).map((code) => Number.parseInt(code, 16))),
  );
}

describe('the page for people', () => {
  test('says what was measured and what it means, with every comment', () => {
    const words = wordsOf(pdf());
    for (const word of [
      'S25-000123',
      'P778899',
      '山田',
      '太郎',
      'final',
      '0.73',
      'HIGH',
      'R4',
      'RD25000123',
    ]) {
      expect(words).toContain(word);
    }
    const said = words.join('');
    for (const note of example.notes) expect(said).toContain(note.replaceAll(' ', ''));
  });

  test('has the picture of the trace, pixel by pixel', () => {
    const image = objectsOf(pdf())[7] ?? '';
    expect(image).toContain('/Width 6 /Height 4');
    const rows = streamOf(image);
    expect(rows.subarray(1, 19)).toEqual(Buffer.from(rgb.subarray(0, 18)));
    expect(objectsOf(pdf({ picture: null }))).toHaveLength(7);
  });

  test('shows a character that its font cannot name as 〓, and no text breaks out of its place', () => {
    const words = wordsOf(pdf({ notes: ['𠮷野 ) Tj ET > endstream'] }));
    expect(words).toEqual(expect.arrayContaining(['〓野', ')', 'endstream']));
  });

  test('keeps every line on the paper, also where a comment has no spaces', () => {
    const page = streamOf(
      objectsOf(pdf({ notes: ['あ'.repeat(200), 'a'.repeat(20) + ' b'.repeat(100)] }))[6] ?? '',
    );
    const ends = Array.from(
      page.toString('latin1').matchAll(/\/F ([\d.]+) Tf ([\d.]+) [\d.]+ Td <([0-9a-f]*)>/g),
      ([, size, x, digits = '']) => Number(x) + (digits.length / 4) * Number(size),
    );
    expect(Math.max(...ends)).toBeLessThan(595);
  });

  test('gives comments the room of the picture where they need it', () => {
    expect(objectsOf(pdf({ notes: Array.from({ length: 45 }, () => 'a comment') }))).toHaveLength(7);
  });

  test('is the same for the same result', () => {
    expect(pdf()).toEqual(pdf());
  });
});
