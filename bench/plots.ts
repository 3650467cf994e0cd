/** A point of a plot: horizontal, vertical, and the series it belongs to. */
export type Point = readonly [x: number, y: number, series: number];

const COLOURS = ['#1b6ca8', '#c0392b', '#2e8b57', '#8e44ad', '#d98200', '#5d6d7e', '#17a2a2'];
const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [640, 420, 56, 44, 30, 190];

interface Axes {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly xRange: readonly [number, number];
  readonly yRange: readonly [number, number];
  readonly series: readonly string[];
}

/** An SVG of dots, or of lines through the points of each series. */
export function plot(
  axes: Axes,
  points: readonly Point[],
  style: 'dots' | 'lines',
  diagonal = false,
): string {
  const px = (x: number): number =>
    LEFT + ((x - axes.xRange[0]) / (axes.xRange[1] - axes.xRange[0])) * (WIDTH - LEFT - RIGHT);
  const py = (y: number): number =>
    HEIGHT - BOTTOM - ((y - axes.yRange[0]) / (axes.yRange[1] - axes.yRange[0])) * (HEIGHT - BOTTOM - TOP);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    `<text x="${LEFT}" y="18" font-size="14">${axes.title}</text>`,
  ];
  for (let k = 0; k <= 5; k++) {
    const x = axes.xRange[0] + (k / 5) * (axes.xRange[1] - axes.xRange[0]);
    const y = axes.yRange[0] + (k / 5) * (axes.yRange[1] - axes.yRange[0]);
    parts.push(
      `<line x1="${px(x).toFixed(1)}" y1="${py(axes.yRange[0])}" x2="${px(x).toFixed(1)}" y2="${py(axes.yRange[1])}" stroke="#e5e5e5"/>`,
      `<line x1="${px(axes.xRange[0])}" y1="${py(y).toFixed(1)}" x2="${px(axes.xRange[1])}" y2="${py(y).toFixed(1)}" stroke="#e5e5e5"/>`,
      `<text x="${px(x).toFixed(1)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${tick(x)}</text>`,
      `<text x="${LEFT - 6}" y="${(py(y) + 4).toFixed(1)}" text-anchor="end">${tick(y)}</text>`,
    );
  }
  parts.push(
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${axes.x}</text>`,
    `<text transform="translate(14 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${axes.y}</text>`,
  );
  if (diagonal) {
    parts.push(
      `<line x1="${px(axes.xRange[0])}" y1="${py(axes.yRange[0])}" x2="${px(axes.xRange[1])}" y2="${py(axes.yRange[1])}" stroke="#999" stroke-dasharray="4 3"/>`,
    );
  }
  axes.series.forEach((name, series) => {
    const colour = COLOURS[series % COLOURS.length] ?? '#000';
    const own = points.filter((point) => point[2] === series);
    if (style === 'lines') {
      const path = own.map(([x, y]) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`).join(' ');
      parts.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    }
    for (const [x, y] of own) {
      parts.push(
        `<circle cx="${px(x).toFixed(1)}" cy="${py(y).toFixed(1)}" r="${style === 'dots' ? 2.4 : 3.2}" fill="${colour}" fill-opacity="0.7"/>`,
      );
    }
    const at = TOP + 14 + 18 * series;
    parts.push(
      `<circle cx="${WIDTH - RIGHT + 16}" cy="${at - 4}" r="4" fill="${colour}"/>`,
      `<text x="${WIDTH - RIGHT + 26}" y="${at}">${name}</text>`,
    );
  });
  return `${parts.join('\n')}\n</svg>\n`;
}

function tick(value: number): string {
  return Number(value.toFixed(2)).toString();
}
