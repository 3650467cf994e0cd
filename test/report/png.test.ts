import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analyse } from '../../src/analysis.ts';
import { messagePicture } from '../../src/report/picture.ts';
import { toPng } from '../../src/report/png.ts';
import { rasterise, type Raster } from '../../src/report/raster.ts';
import { text, type Shape } from '../../src/report/shape.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { method, recipe } from '../simulate/recipes.ts';

/** Reads a PNG as its standard says: chunks, one compressed stream, rows as differences. */
function readPng(png: Uint8Array): Raster {
  const bytes = Buffer.from(png);
  expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    chunks.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  expect([...chunks.keys()]).toEqual(['IHDR', 'IDAT', 'IEND']);
  const header = chunks.get('IHDR') ?? Buffer.alloc(13);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  expect([...header.subarray(8)]).toEqual([8, 2, 0, 0, 0]);
  const rows = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
  const rgb = new Uint8Array(3 * width * height);
  for (let row = 0; row < height; row += 1) {
    const start = row * (3 * width + 1);
    expect(rows[start]).toBe(2);
    for (let at = 0; at < 3 * width; at += 1) {
      const above = row === 0 ? 0 : (rgb[(row - 1) * 3 * width + at] ?? 0);
      rgb[row * 3 * width + at] = (rows[start + 1 + at] ?? 0) + above;
    }
  }
  return { width, height, rgb };
}

const pixel = ({ width, rgb }: Raster, x: number, y: number): number[] => [
  ...rgb.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];
const drawn = (...shapes: Shape[]): Raster => rasterise({ width: 20, height: 12, title: '', shapes });
const darkened = (raster: Raster): number => raster.rgb.filter((value) => value < 128).length / 3;

describe('a PNG', () => {
  test('holds the pixels that were drawn, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 36, maxLength: 36 }), (rgb) => {
        expect(readPng(toPng({ width: 4, height: 3, rgb }))).toEqual({ width: 4, height: 3, rgb });
      }),
    );
  });
});

describe('pixels', () => {
  test('are those of a rectangle, its edges in part', () => {
    const raster = drawn({ kind: 'rect', x: 2, y: 3, width: 4.5, height: 2, fill: '#f00' });
    expect(pixel(raster, 2, 3)).toEqual([255, 0, 0]);
    expect(pixel(raster, 6, 4)).toEqual([255, 128, 128]);
    expect(pixel(raster, 7, 4)).toEqual([255, 255, 255]);
    expect(pixel(raster, 2, 5)).toEqual([255, 255, 255]);
  });

  test('show what is below a colour that is half transparent', () => {
    const rect = { kind: 'rect', x: 0, y: 0, width: 3, height: 3 } as const;
    expect(pixel(drawn({ ...rect, fill: '#000' }, { ...rect, fill: '#ffffff', opacity: 0.5 }), 1, 1)).toEqual(
      [128, 128, 128],
    );
  });

  test('follow a line from end to end, and no darker where two meet', () => {
    const raster = drawn({
      kind: 'polyline',
      points: [
        [1.5, 5.5],
        [10.5, 5.5],
        [18.5, 5.5],
      ],
      stroke: '#000',
    });
    for (let x = 2; x < 18; x += 1) expect(pixel(raster, x, 5)).toEqual([0, 0, 0]);
    expect(pixel(raster, 10, 6)).toEqual(pixel(raster, 5, 6));
    expect(pixel(raster, 10, 9)).toEqual([255, 255, 255]);
  });

  test('leave gaps in a dashed line', () => {
    const raster = drawn({
      kind: 'line',
      x1: 0.5,
      y1: 0,
      x2: 0.5,
      y2: 12,
      stroke: '#000',
      width: 1,
      dash: [3, 3],
    });
    expect([1, 4, 7, 10].map((y) => (pixel(raster, 0, y)[0] ?? 0) < 128)).toEqual([true, false, true, false]);
  });

  test('make letters, each its own, and a box for one that has no dots', () => {
    const letters = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index));
    const pictures = letters.map((letter) => drawn(text(5, 9, letter, { size: 10 })).rgb.join());
    expect(new Set(pictures).size).toBe(95);
    expect(drawn(text(5, 9, '山', { size: 10 })).rgb).toEqual(drawn(text(5, 9, 'é', { size: 10 })).rgb);
    expect(darkened(drawn(text(5, 9, 'I', { size: 10 })))).toBe(11);
  });

  test("outside the picture are nobody's", () => {
    expect(() =>
      drawn(text(-30, 400, 'far', { size: 20 }), {
        kind: 'line',
        x1: -9,
        y1: -9,
        x2: 99,
        y2: 99,
        stroke: '#000',
      }),
    ).not.toThrow();
  });
});

describe('the picture in a message', () => {
  test('is a PNG of the whole drawing, small enough to send', () => {
    const picture = messagePicture(
      analyse(simulate(recipe({ clones: [{ share: 0.7 }], dust: 20 })).bytes, method),
    );
    const { width, height } = readPng(picture ?? new Uint8Array());
    expect(width).toBe(1200);
    expect(height).toBeGreaterThan(500);
    expect(picture?.length).toBeLessThan(160 * 1024);
  });

  test('is the same for the same trace', () => {
    const { bytes } = simulate(recipe({ clones: [{ share: 0.5 }], dust: 5 }));
    expect(messagePicture(analyse(bytes, method))).toEqual(messagePicture(analyse(bytes, method)));
  });

  test('is none where there is no value', () => {
    expect(messagePicture(analyse(simulate(recipe({ front: 'unrelated' })).bytes, method))).toBeNull();
  });
});
