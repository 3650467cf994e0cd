import { A4, columns, toPdf, type PdfImage, type PdfLine } from '../report/pdf.ts';
import { REGION_TEXTS, TIER_CODES } from './codes.ts';
import type { Report } from './report.ts';

const MARGIN = 48;
const SIZE = 9;
const LEADING = 14;
/** Width of a line in half-width characters; a kanji takes two. */
const COLUMNS = Math.floor((A4.width - 2 * MARGIN) / (SIZE / 2));

const STATUS = { P: 'preliminary', F: 'final', C: 'corrected', X: 'no result' } as const;

/** A result on one page, for people: what was measured, what it means, the comments, and the picture of the trace. */
export function reportPdf(report: Report, facility: string): Uint8Array {
  const { context, risk, interval } = report;
  const facts: readonly (readonly [label: string, value: string])[] = [
    ['Laboratory', facility],
    ['Specimen', context.accession],
    ['Order', context.order ?? ''],
    ['Patient', [context.patient?.id, context.patient?.name].filter((part) => part != null).join('  ')],
    ['Status', STATUS[report.status]],
    ['Cv', risk === null ? 'none' : `${risk.cv.toFixed(2)}${intervalText(interval)}`],
    ['Tier', risk === null ? '' : TIER_CODES[risk.tier]],
    ['Region', risk?.region == null ? '' : `${risk.region} ${REGION_TEXTS[risk.region]}`],
    ['Reported', `${report.reportedAt.toISOString().slice(0, 19).replace('T', ' ')} UTC`],
    ['Result key', report.resultKey],
  ];
  const said = facts
    .filter(([, value]) => value !== '')
    .map(([label, value]) => `${label.padEnd(12)}${value}`);
  const texts = [...said, '', ...report.notes].flatMap(wrapped);
  const top = A4.height - MARGIN - 16;
  const lines: PdfLine[] = [
    { x: MARGIN, y: top, size: 14, text: 'HTLV-1 clonality (RAISING Sanger)' },
    ...texts.map((text, index) => ({ x: MARGIN, y: top - 26 - index * LEADING, size: SIZE, text })),
  ];
  const image = report.picture === null ? null : placed(report.picture);
  // Words go before the picture: where they need its room it is left out.
  const isFree = image !== null && (lines.at(-1)?.y ?? top) > image.y + image.height;
  return toPdf(lines, isFree ? image : null);
}

function intervalText(interval: Report['interval']): string {
  return interval === null ? '' : ` (90 % interval ${interval.map((value) => value.toFixed(2)).join('-')})`;
}

/** At the foot of the page, as wide as the text. */
function placed(png: Uint8Array): PdfImage {
  const bytes = Buffer.from(png);
  const width = A4.width - 2 * MARGIN;
  const height = Math.round((width * bytes.readUInt32BE(20)) / bytes.readUInt32BE(16));
  return { x: MARGIN, y: MARGIN, width, height, png };
}

/** A text in lines that fit, broken at spaces where there are any. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [''];
  // Words with the space behind them; Japanese is broken between any two characters.
  for (const word of text.match(/[!-~]+ ?|[^!-~]/gu) ?? []) {
    const line = lines.at(-1) ?? '';
    if (columns(line + word.trimEnd()) <= COLUMNS) lines[lines.length - 1] = line + word;
    else lines.push(word.trimStart());
  }
  return lines;
}
