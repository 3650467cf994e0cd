import { SIGNAL_WIDTH, type Drawing, type Shape } from './shape.ts';

type Attributes = Readonly<Record<string, string | number>>;

/** Text made safe for XML; characters that XML 1.0 forbids are left out. */
function escapeXml(value: string): string {
  return (
    value
      // eslint-disable-next-line no-control-regex -- these are the characters to remove
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/"/g, '&quot;')
  );
}

/** A drawing as an SVG document. */
export function toSvg({ width, height, title, shapes }: Drawing): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
      `font-family="Helvetica, Arial, sans-serif">`,
    `<title>${escapeXml(title)}</title>`,
    ...shapes.map(shapeToSvg),
    '</svg>',
    '',
  ].join('\n');
}

function shapeToSvg(shape: Shape): string {
  switch (shape.kind) {
    case 'rect': {
      const { x, y, width, height, fill, opacity } = shape;
      const faint = opacity === undefined ? {} : { 'fill-opacity': opacity };
      return `<rect${written({ x, y, width, height, fill, ...faint })}/>`;
    }
    case 'line': {
      const { x1, y1, x2, y2, stroke, width, dash } = shape;
      const pen = {
        ...(width === undefined ? {} : { 'stroke-width': width }),
        ...(dash === undefined ? {} : { 'stroke-dasharray': dash.join(' ') }),
      };
      return `<line${written({ x1, y1, x2, y2, stroke, ...pen })}/>`;
    }
    case 'polyline': {
      const path = shape.points.map(([x, y]) => `${short(x)},${short(y)}`).join(' ');
      const pen = `stroke="${shape.stroke}" stroke-width="${SIGNAL_WIDTH}" stroke-linejoin="round"`;
      return `<polyline points="${path}" fill="none" ${pen}/>`;
    }
    case 'text':
      return `<text${written(textAttributes(shape))}>${escapeXml(shape.content)}</text>`;
  }
}

function textAttributes({ x, y, style }: Extract<Shape, { kind: 'text' }>): Attributes {
  return {
    x,
    y,
    'font-size': style.size,
    ...(style.anchor === undefined ? {} : { 'text-anchor': style.anchor }),
    ...(style.weight === undefined ? {} : { 'font-weight': style.weight }),
    ...(style.fill === undefined ? {} : { fill: style.fill }),
    ...(style.opacity === undefined ? {} : { opacity: style.opacity }),
  };
}

function written(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? short(value) : escapeXml(value)}"`)
    .join('');
}

/** Tenths of a pixel are enough, and keep the file small. */
function short(value: number): string {
  return Number(value.toFixed(1)).toString();
}
