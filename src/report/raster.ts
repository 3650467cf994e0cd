import { ADVANCE, ASCENT, glyph } from './glyphs.ts';
import { SIGNAL_WIDTH, type Drawing, type Point, type Shape } from './shape.ts';

/** Pixels, three bytes (red, green, blue) each, row by row. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** Shades of an edge: few enough for a small file, enough for a smooth line. */
const STEPS = 4;

/** A drawing as pixels on white, without any font: text is in letters of 5 by 7 dots. */
export function rasterise({ width, height, shapes }: Drawing): Raster {
  const raster: Raster = { width, height, rgb: new Uint8Array(3 * width * height).fill(255) };
  const mask = new Float32Array(width * height);
  for (const shape of shapes) draw(shape, raster, mask);
  return raster;
}

function draw(shape: Shape, raster: Raster, mask: Float32Array): void {
  switch (shape.kind) {
    case 'rect':
      fillRect(raster, shape);
      break;
    case 'line': {
      const { x1, y1, x2, y2, stroke, width = 1, dash } = shape;
      strokeLines(raster, mask, dashes([x1, y1], [x2, y2], dash), width, stroke);
      break;
    }
    case 'polyline': {
      const { points, stroke } = shape;
      const lines = points.slice(1).map((to, index) => [points[index] ?? to, to] as const);
      strokeLines(raster, mask, lines, SIGNAL_WIDTH, stroke);
      break;
    }
    case 'text':
      write(raster, shape);
      break;
  }
}

/** The edges cover their pixels in part. */
function fillRect(raster: Raster, rect: Omit<Extract<Shape, { kind: 'rect' }>, 'kind'>): void {
  const { x, y, width, height, fill, opacity = 1 } = rect;
  const colour = colourOf(fill);
  for (let row = Math.floor(y); row < y + height; row += 1) {
    const high = Math.min(row + 1, y + height) - Math.max(row, y);
    for (let column = Math.floor(x); column < x + width; column += 1) {
      blend(
        raster,
        column,
        row,
        colour,
        opacity * high * (Math.min(column + 1, x + width) - Math.max(column, x)),
      );
    }
  }
}

type Line = readonly [from: Point, to: Point];

/** All lines of one stroke are laid over each other before they are blended, so that joints are no darker. */
function strokeLines(
  raster: Raster,
  mask: Float32Array,
  lines: readonly Line[],
  width: number,
  stroke: string,
): void {
  const touched: number[] = [];
  const reach = width / 2 + 0.5;
  for (const [[x1, y1], [x2, y2]] of lines) {
    const lastRow = Math.min(raster.height - 1, Math.ceil(Math.max(y1, y2) + reach));
    const lastColumn = Math.min(raster.width - 1, Math.ceil(Math.max(x1, x2) + reach));
    for (let row = Math.max(0, Math.floor(Math.min(y1, y2) - reach)); row <= lastRow; row += 1) {
      for (
        let column = Math.max(0, Math.floor(Math.min(x1, x2) - reach));
        column <= lastColumn;
        column += 1
      ) {
        const distance = distanceTo([column + 0.5, row + 0.5], [x1, y1], [x2, y2]);
        const covered = Math.round(STEPS * Math.min(1, width, Math.max(0, reach - distance))) / STEPS;
        const at = row * raster.width + column;
        const before = mask[at] ?? 0;
        if (covered <= before) continue;
        if (before === 0) touched.push(at);
        mask[at] = covered;
      }
    }
  }
  const colour = colourOf(stroke);
  for (const at of touched) {
    blend(raster, at % raster.width, Math.floor(at / raster.width), colour, mask[at] ?? 0);
    mask[at] = 0;
  }
}

function distanceTo([x, y]: Point, [x1, y1]: Point, [x2, y2]: Point): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length));
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
}

function dashes(from: Point, to: Point, dash: readonly [number, number] | undefined): readonly Line[] {
  if (dash === undefined) return [[from, to]];
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const at = (along: number): Point => {
    const part = length === 0 ? 0 : Math.min(along, length) / length;
    return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
  };
  const count = Math.ceil(length / (dash[0] + dash[1]));
  return Array.from({ length: count }, (_, index) => {
    const start = index * (dash[0] + dash[1]);
    return [at(start), at(start + dash[0])];
  });
}

function write(raster: Raster, { x, y, content, style }: Extract<Shape, { kind: 'text' }>): void {
  const { size, anchor = 'start', weight = 'normal', fill = '#000', opacity = 1 } = style;
  const dot = Math.max(1, Math.round(size / 10));
  const characters = Array.from(content);
  const width = (characters.length * ADVANCE - 1) * dot;
  const left = Math.round(x - (anchor === 'end' ? width : anchor === 'middle' ? width / 2 : 0));
  const top = Math.round(y) - ASCENT * dot;
  const bold = weight === 'bold' ? 1 : 0;
  const colour = colourOf(fill);
  characters.forEach((character, index) => {
    glyph(character).forEach((bits, column) => {
      for (let row = 0; row < 8; row += 1) {
        if (((bits >> row) & 1) === 0) continue;
        const start = left + (index * ADVANCE + column) * dot;
        for (let inner = 0; inner < dot * (dot + bold); inner += 1) {
          const [right, down] = [inner % (dot + bold), Math.floor(inner / (dot + bold))];
          blend(raster, start + right, top + row * dot + down, colour, opacity);
        }
      }
    });
  });
}

type Colour = readonly [red: number, green: number, blue: number];

function colourOf(text: string): Colour {
  const digits = text.slice(1);
  const whole = digits.length === 3 ? digits.replace(/./g, '$&$&') : digits;
  const value = Number.parseInt(whole, 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function blend(raster: Raster, column: number, row: number, colour: Colour, opacity: number): void {
  if (column < 0 || row < 0 || column >= raster.width || row >= raster.height) return;
  const at = 3 * (row * raster.width + column);
  for (let part = 0; part < 3; part += 1) {
    const below = raster.rgb[at + part] ?? 255;
    raster.rgb[at + part] = Math.round(below + ((colour[part] ?? 0) - below) * opacity);
  }
}
