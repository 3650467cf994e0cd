type Attributes = Readonly<Record<string, string | number>>;

/** Text made safe for XML; characters that XML 1.0 forbids are left out. */
export function escapeXml(value: string): string {
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

export function element(name: string, attributes: Attributes): string {
  return `<${name}${written(attributes)}/>`;
}

export interface TextStyle {
  readonly size: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly weight?: 'normal' | 'bold';
  readonly fill?: string;
  readonly opacity?: number;
}

export function text(x: number, y: number, content: string, style: TextStyle): string {
  const attributes: Attributes = {
    x,
    y,
    'font-size': style.size,
    ...(style.anchor === undefined ? {} : { 'text-anchor': style.anchor }),
    ...(style.weight === undefined ? {} : { 'font-weight': style.weight }),
    ...(style.fill === undefined ? {} : { fill: style.fill }),
    ...(style.opacity === undefined ? {} : { opacity: style.opacity }),
  };
  return `<text${written(attributes)}>${escapeXml(content)}</text>`;
}

export function polyline(points: readonly (readonly [number, number])[], stroke: string): string {
  const path = points.map(([x, y]) => `${short(x)},${short(y)}`).join(' ');
  return `<polyline points="${path}" fill="none" stroke="${stroke}" stroke-width="1.3" stroke-linejoin="round"/>`;
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
