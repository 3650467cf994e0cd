import type { Evidence, Quality } from '../clonality/score.ts';
import { REASON_CODES, type Reason } from '../reason.ts';
import { BASES, type Trace } from '../trace/trace.ts';
import { text, type Drawing, type Point, type Shape } from './shape.ts';
import { toSvg } from './svg.ts';

/** What the picture says beside the signal. */
export interface Caption {
  /** File or sample name, as people know it. */
  readonly title: string;
  /** Such as `Cv 0.73 (90 % interval 0.69-0.77), tier high, pass`. */
  readonly verdict: string;
  readonly reasons: readonly Reason[];
  /** Anchor figures for the footer. */
  readonly quality: Quality;
}

/** The colours in which sequencing software draws the four dyes, in A, C, G, T order. */
const COLOURS = ['#1a9641', '#2166ac', '#1a1a1a', '#d7301f'] as const;
const WIDTH = 1200;
const MARGIN = 46;
const SIGNAL = { top: 116, height: 230 };
const SHARES = { top: 384, height: 96 };
const LTR_SHOWN = 26;
const BASES_AFTER_WINDOW = 4;

/**
 * The picture by which a technician sees why a trace is high, low or refused: signal around the junction, the
 * matched LTR, the window, the share of each base at each host position, and the reasons in words.
 * @returns an SVG document
 */
export function figure(trace: Trace | null, evidence: (() => Evidence) | null, caption: Caption): string {
  return toSvg(drawing(trace, evidence, caption));
}

/** The same picture as shapes. */
export function drawing(trace: Trace | null, evidence: (() => Evidence) | null, caption: Caption): Drawing {
  const body =
    trace === null
      ? [
          text(WIDTH / 2, SIGNAL.top + 60, 'no signal could be read', {
            size: 18,
            anchor: 'middle',
            fill: '#777',
          }),
        ]
      : evidence === null
        ? wholeTrace(trace)
        : aroundJunction(trace, evidence());
  const footer = reasonLines(caption.reasons);
  const height = SHARES.top + SHARES.height + 44 + footer.length * 19;
  return {
    width: WIDTH,
    height,
    title: `${caption.title}: ${caption.verdict}`,
    shapes: [
      { kind: 'rect', x: 0, y: 0, width: WIDTH, height, fill: '#fff' },
      text(MARGIN, 30, caption.title, { size: 20, weight: 'bold' }),
      text(MARGIN, 55, caption.verdict, { size: 15 }),
      ...legend(),
      ...body,
      ...footer.map((line, index) =>
        text(MARGIN, SHARES.top + SHARES.height + 44 + index * 19, line, { size: 13, fill: '#333' }),
      ),
    ],
  };
}

function legend(): Shape[] {
  return BASES.map((base, index) =>
    text(WIDTH - MARGIN - 78 + index * 24, 30, base, {
      size: 16,
      weight: 'bold',
      fill: COLOURS[index] ?? '#000',
    }),
  );
}

function aroundJunction(trace: Trace, evidence: Evidence): Shape[] {
  const { anchorPoints, hostPoints, window } = evidence;
  const ltr = anchorPoints.slice(-LTR_SHOWN);
  const host = hostPoints.slice(0, window[1] + BASES_AFTER_WINDOW);
  const shown = [...ltr, ...host];
  const spacing = shown.length > 1 ? (at(shown, shown.length - 1) - at(shown, 0)) / (shown.length - 1) : 12;
  const from = Math.max(0, Math.floor(at(shown, 0) - spacing));
  const to = Math.min(trace.points - 1, Math.ceil(at(shown, shown.length - 1) + spacing));
  const x = (point: number): number =>
    MARGIN + ((point - from) / Math.max(1, to - from)) * (WIDTH - 2 * MARGIN);
  const junctionX = (x(at(ltr, ltr.length - 1)) + x(at(host, 0))) / 2;
  const bottom = SHARES.top + SHARES.height;
  const parts: Shape[] = [];

  parts.push(band(x(from), junctionX, SIGNAL.top, SIGNAL.top + SIGNAL.height, '#e8eef7'));
  if (window[1] > window[0]) {
    const left = x(at(hostPoints, window[0]) - spacing / 2);
    const right = x(at(hostPoints, window[1] - 1) + spacing / 2);
    parts.push(band(left, right, SIGNAL.top, bottom, '#fff6d6'));
    parts.push(
      text((left + right) / 2, SIGNAL.top - 26, `window, ${window[1] - window[0]} bases`, {
        size: 12,
        anchor: 'middle',
        fill: '#8a6d00',
      }),
    );
  }
  parts.push(
    text((x(from) + junctionX) / 2, SIGNAL.top - 26, 'end of the LTR', {
      size: 12,
      anchor: 'middle',
      fill: '#39557d',
    }),
  );
  parts.push(...signalLines(trace, from, to, x));
  parts.push({
    kind: 'line',
    x1: junctionX,
    y1: SIGNAL.top - 18,
    x2: junctionX,
    y2: bottom,
    stroke: '#555',
    dash: [5, 4],
  });
  const letters = evidence.anchorBases.slice(-ltr.length);
  ltr.forEach((point, index) => {
    parts.push(
      text(x(point), SIGNAL.top - 6, letters[index] ?? '', { size: 11, anchor: 'middle', fill: '#39557d' }),
    );
  });
  const barWidth = Math.max(2, (x(from + spacing) - x(from)) * 0.8);
  host.forEach((point, index) => {
    const shares = evidence.shares[index];
    if (shares === undefined) return;
    const largest = shares.indexOf(Math.max(...shares));
    parts.push(
      text(x(point), SIGNAL.top - 6, BASES[largest] ?? '', {
        size: 11,
        anchor: 'middle',
        fill: COLOURS[largest] ?? '#000',
        opacity: Math.max(0.25, shares[largest] ?? 0),
      }),
    );
    parts.push(...stackedBar(shares, x(point) - barWidth / 2, barWidth));
  });
  parts.push(
    text(MARGIN, SHARES.top - 8, 'share of each base at each host position', { size: 12, fill: '#555' }),
  );
  parts.push(...axis(SHARES.top, SHARES.height));
  return parts;
}

function stackedBar(shares: readonly number[], left: number, width: number): Shape[] {
  const order = shares.map((share, base) => ({ share, base })).sort((a, b) => b.share - a.share);
  let below = 0;
  return order.map(({ share, base }) => {
    const height = share * SHARES.height;
    below += height;
    return {
      kind: 'rect',
      x: left,
      y: SHARES.top + SHARES.height - below,
      width,
      height,
      fill: COLOURS[base] ?? '#000',
      opacity: 0.75,
    };
  });
}

function axis(top: number, height: number): Shape[] {
  return [0, 0.25, 0.5, 1].flatMap((share) => {
    const y = top + height * (1 - share);
    return [
      { kind: 'line', x1: MARGIN - 4, y1: y, x2: WIDTH - MARGIN, y2: y, stroke: '#999', width: 0.6 } as const,
      text(MARGIN - 8, y + 4, share.toString(), { size: 11, anchor: 'end', fill: '#555' }),
    ];
  });
}

/** The whole read, where there is no junction to look at: enough to tell an empty read from a foreign one. */
function wholeTrace(trace: Trace): Shape[] {
  const x = (point: number): number =>
    MARGIN + (point / Math.max(1, trace.points - 1)) * (WIDTH - 2 * MARGIN);
  return [
    text(MARGIN, SIGNAL.top - 10, 'the whole read: the end of the LTR was not found', {
      size: 12,
      fill: '#8a1c1c',
    }),
    ...signalLines(trace, 0, trace.points - 1, x),
  ];
}

/** Four polylines; where points are denser than pixels, the highest of each half-pixel is drawn. */
function signalLines(trace: Trace, from: number, to: number, x: (point: number) => number): Shape[] {
  const step = Math.max(1, Math.floor((to - from) / (2 * (WIDTH - 2 * MARGIN))));
  let top = 1;
  for (const channel of trace.channels) {
    for (let point = from; point <= to; point += 1) top = Math.max(top, channel[point] ?? 0);
  }
  return trace.channels.map((channel, base) => {
    const points: Point[] = [];
    for (let point = from; point <= to; point += step) {
      let height = 0;
      for (let inner = point; inner < point + step && inner <= to; inner += 1) {
        height = Math.max(height, channel[inner] ?? 0);
      }
      points.push([x(point), SIGNAL.top + SIGNAL.height * (1 - height / top)]);
    }
    return { kind: 'polyline', points, stroke: COLOURS[base] ?? '#000' };
  });
}

function reasonLines(reasons: readonly Reason[]): string[] {
  if (reasons.length === 0) return ['No remarks.'];
  return reasons.map(
    ({ code, detail }) => `${code}: ${REASON_CODES[code]}${detail === '' ? '' : ` (${detail})`}`,
  );
}

function band(left: number, right: number, top: number, bottom: number, fill: string): Shape {
  return { kind: 'rect', x: left, y: top, width: Math.max(0, right - left), height: bottom - top, fill };
}

function at(points: readonly number[], index: number): number {
  return points[index] ?? 0;
}
