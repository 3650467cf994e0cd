import { deflateSync } from 'node:zlib';

/** A line of text on a page; sizes and places in points (1/72 inch), from the lower left corner. */
export interface PdfLine {
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly text: string;
}

export interface PdfImage {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly png: Uint8Array;
}

export const A4 = { width: 595, height: 842 } as const;

/**
 * Objects 1 to 7. The font is one of those that readers of PDF bring for Japanese, so none is embedded; with this
 * encoding a letter of ASCII is half as wide as a kanji, in every one of them.
 */
const FONT = [
  '<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiKakuGo-W5-UniJIS-UCS2-HW-H /Encoding /UniJIS-UCS2-HW-H /DescendantFonts [5 0 R] >>',
  '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiKakuGo-W5 /DW 1000 /W [231 632 500] /FontDescriptor 6 0 R ' +
    '/CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> >>',
  '<< /Type /FontDescriptor /FontName /HeiseiKakuGo-W5 /Flags 4 /FontBBox [-92 -250 1010 922] /ItalicAngle 0 ' +
    '/Ascent 752 /Descent -221 /CapHeight 737 /StemV 114 >>',
];

/** One page as a PDF file (ISO 32000-1). The same page gives the same bytes. */
export function toPdf(lines: readonly PdfLine[], image: PdfImage | null): Uint8Array {
  const page =
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${A4.width} ${A4.height}] /Contents 7 0 R ` +
    `/Resources << /Font << /F 4 0 R >>${image === null ? '' : ' /XObject << /I 8 0 R >>'} >> >>`;
  const objects: readonly Uint8Array[] = [
    ...['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', page, ...FONT].map(
      latin,
    ),
    stream('/Filter /FlateDecode', deflateSync(latin(content(lines, image)))),
    ...(image === null ? [] : [imageObject(image.png)]),
  ];
  const parts: Uint8Array[] = [latin('%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n')];
  const offsets = objects.map((object, index) => {
    const at = sizeOf(parts);
    parts.push(latin(`${index + 1} 0 obj\n`), object, latin('\nendobj\n'));
    return at;
  });
  const start = sizeOf(parts);
  const entries = offsets.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  const count = objects.length + 1;
  parts.push(
    latin(
      `xref\n0 ${count}\n0000000000 65535 f \n${entries}trailer\n<< /Size ${count} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`,
    ),
  );
  return Buffer.concat(parts);
}

function content(lines: readonly PdfLine[], image: PdfImage | null): string {
  // Word by word: the half-width space is missing from some of the fonts that readers put in the place of ours.
  const texts = lines.flatMap(({ x, y, size, text }) =>
    Array.from(text.matchAll(/[^ ]+/gu), ({ 0: word, index }) => {
      const left = x + (columns(text.slice(0, index)) * size) / 2;
      return `BT /F ${size} Tf ${left} ${y} Td <${ucs2(word)}> Tj ET`;
    }),
  );
  const picture =
    image === null ? [] : [`q ${image.width} 0 0 ${image.height} ${image.x} ${image.y} cm /I Do Q`];
  return [...texts, ...picture].join('\n');
}

/** The compressed rows of a PNG are a PDF image as they are. */
function imageObject(png: Uint8Array): Uint8Array {
  const bytes = Buffer.from(png);
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  // IHDR takes 25 bytes behind the signature; IDAT follows it (src/report/png.ts).
  const data = bytes.subarray(41, 41 + bytes.readUInt32BE(33));
  const rows = `/DecodeParms << /Predictor 15 /Colors 3 /BitsPerComponent 8 /Columns ${width} >>`;
  return stream(
    `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceRGB ` +
      `/BitsPerComponent 8 /Filter /FlateDecode ${rows}`,
    data,
  );
}

function stream(about: string, data: Uint8Array): Uint8Array {
  return Buffer.concat([
    latin(`<< ${about} /Length ${data.length} >>\nstream\n`),
    data,
    latin('\nendstream'),
  ]);
}

/** What the font's encoding does not have, beyond the basic plane, is shown as 〓. */
function ucs2(text: string): string {
  return Array.from(text, (one) => (one.length > 1 || !one.isWellFormed() ? '〓' : one))
    .map((one) => one.charCodeAt(0).toString(16).padStart(4, '0'))
    .join('');
}

/** Width in half-width characters: a kanji takes two. */
export function columns(text: string): number {
  return Array.from(text, (one) => (/[ -~]/.test(one) ? 1 : 2)).reduce<number>((sum, one) => sum + one, 0);
}

function latin(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
