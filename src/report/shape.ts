/** What a picture is made of, before it is SVG or pixels. Lengths are pixels, the origin is at the top left. */
export type Shape =
  | {
      readonly kind: 'rect';
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      /** `#rgb` or `#rrggbb`, as every colour here. */
      readonly fill: string;
      readonly opacity?: number;
    }
  | {
      readonly kind: 'line';
      readonly x1: number;
      readonly y1: number;
      readonly x2: number;
      readonly y2: number;
      readonly stroke: string;
      /** Default 1. */
      readonly width?: number;
      /** Lengths of dash and gap. */
      readonly dash?: readonly [number, number];
    }
  | { readonly kind: 'polyline'; readonly points: readonly Point[]; readonly stroke: string }
  | {
      readonly kind: 'text';
      readonly x: number;
      /** Of the base line. */
      readonly y: number;
      readonly content: string;
      readonly style: TextStyle;
    };

export type Point = readonly [x: number, y: number];

/** Width of the line of a signal. */
export const SIGNAL_WIDTH = 1.3;

export interface TextStyle {
  readonly size: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly weight?: 'normal' | 'bold';
  readonly fill?: string;
  readonly opacity?: number;
}

export interface Drawing {
  readonly width: number;
  readonly height: number;
  /** What the picture is, for those who cannot see it. */
  readonly title: string;
  readonly shapes: readonly Shape[];
}

export function text(x: number, y: number, content: string, style: TextStyle): Shape {
  return { kind: 'text', x, y, content, style };
}
