import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BUNDLED_ASSAY_FILE, loadAssay } from '../src/config/load.ts';
import {
  givenMixtures,
  mixtures,
  pseudoJunctions,
  realTraces,
  repeatability,
  sharedFolder,
  simulated,
} from './accuracy-sets.ts';
import { byClass, remarksOf, summarise } from './evaluate.ts';
import type { Scored, Summary } from './evaluate.ts';
import { plot } from './plots.ts';
import type { Point } from './plots.ts';
import { DEGRADED, degraded, PLAIN, plain, REFUSED, strain, withTemplate } from './recipes.ts';
import { loadSources, SPLITS } from './sources.ts';
import type { Split } from './sources.ts';

// The tables of docs/method.md. Mixtures of real signal need the traces beside the project.
const { values } = parseArgs({
  options: {
    per: { type: 'string', default: '60' },
    split: { type: 'string', default: 'validation' },
    json: { type: 'string' },
    docs: { type: 'string' },
  },
});
const per = Number(values.per);
const split = SPLITS.find((name) => name === values.split);
if (split === undefined) throw new Error(`--split must be one of ${SPLITS.join(', ')}: ${values.split}`);
const loaded = loadAssay(BUNDLED_ASSAY_FILE);
if (!loaded.ok) throw new Error('the bundled assay is at fault');
const { assay } = loaded.method;
const figures: Record<string, unknown> = {};

const fixed = (value: number, digits: number): string => (Number.isNaN(value) ? '-' : value.toFixed(digits));

function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

function table(title: string, rows: readonly (readonly [string, Summary])[]): void {
  say(`\n### ${title}\n`);
  say(
    '| class | traces | refused | review | RMSE | bias | 90 % interval covers | half width | tier right | junction right |',
  );
  say('|---|---|---|---|---|---|---|---|---|---|');
  for (const [name, s] of rows) {
    const cells = [
      name,
      s.traces,
      s.refused,
      s.reviewed,
      fixed(s.rmse, 3),
      fixed(s.bias, 3),
      fixed(100 * s.coverage, 0),
      fixed(s.halfWidth, 3),
      fixed(100 * s.tiers, 1),
      fixed(100 * s.junctions, 1),
    ];
    say(`| ${cells.join(' | ')} |`);
  }
  figures[title] = Object.fromEntries(rows);
}

function classes(title: string, rows: readonly Scored[]): void {
  const all: [string, Summary][] = [...byClass(rows)].map(([name, own]) => [name, summarise(own)]);
  table(title, all.length > 1 ? [...all, ['all', summarise(rows)]] : all);
}

function reasons(rows: readonly Scored[]): string {
  const counts = new Map<string, number>();
  for (const { score } of rows) {
    if (score.status !== 'fail') continue;
    const code = score.reasons[0]?.code ?? '?';
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts].map(([code, n]) => `${code} ${n}`).join(', ');
}

function onRealSignal(folder: string, chosen: Split): void {
  const all = loadSources(folder);
  const sources = all[chosen];
  say(
    `Mixtures of real signal: ${sources.length} source traces of the ${chosen} split, ${per} mixtures a class.`,
  );
  const ordinary = Object.keys(PLAIN).flatMap((name) =>
    mixtures(name, (random) => plain(name, random), per, sources, assay),
  );
  classes('Accuracy', ordinary);
  const estimators = ['dominance', 'simpson', 'cubic', 'moments'] as const;
  table(
    'Other estimates of the same traces',
    estimators.map((name) => [name, summarise(ordinary, name)]),
  );
  const bad = Object.keys(DEGRADED).flatMap((name) =>
    mixtures(name, (random) => degraded(name, random), per, sources, assay),
  );
  classes('Degradations', bad);
  const templates = assay.knownTemplates.flatMap(({ name, sequence }) =>
    mixtures(name, (random) => withTemplate(sequence, random), Math.ceil(per / 2), sources, assay),
  );
  classes('Known templates, 12-35 % mixed in', templates);
  const strains = [0.02, 0.05, 0.1].flatMap((rate) =>
    mixtures(
      `${100 * rate} % of LTR bases differ`,
      (random) => strain({ divergence: rate }, random),
      per,
      sources,
      assay,
    ),
  );
  const short = mixtures('LTR of 45 bases', (random) => strain({ ltr: 45 }, random), per, sources, assay);
  classes('Strains and short LTRs', [...strains, ...short]);

  say('\n### What must be refused\n');
  say('| class | traces | refused | first reason |');
  say('|---|---|---|---|');
  const refusable = [
    ...Object.keys(REFUSED).map((name) =>
      mixtures(
        name,
        (random) => ({ ...plain('one clone + dust', random), ...REFUSED[name] }),
        per,
        sources,
        assay,
      ),
    ),
    realTraces(folder, assay),
  ];
  for (const rows of refusable) {
    const refused = summarise(rows).refused;
    say(`| ${rows[0]?.class ?? ''} | ${rows.length} | ${refused} | ${reasons(rows)} |`);
    figures[`refused: ${rows[0]?.class ?? ''}`] = [refused, rows.length];
  }

  const pseudo = pseudoJunctions(
    folder,
    SPLITS.flatMap((name) => all[name]),
  );
  const sorted = pseudo.map(({ score }) => score.cvRaw ?? 0).sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))] ?? NaN;
  say(
    `\nPseudo-junctions in ${pseudo.length} stretches of clean real traces: median ${fixed(at(0.5), 3)}, 5th percentile ${fixed(at(0.05), 3)}, 1st ${fixed(at(0.01), 3)}; junction right in ${fixed(100 * summarise(pseudo).junctions, 1)} %.`,
  );
  const deviations = repeatability(sources, assay, 20, 10).sort((a, b) => a - b);
  say(
    `Repeatability: SD over 10 runs of one mixture, 20 mixtures: median ${fixed(deviations[10] ?? NaN, 4)}, largest ${fixed(deviations.at(-1) ?? NaN, 4)}.`,
  );
  const every = [...ordinary, ...bad, ...templates, ...strains, ...short];
  const remarks = remarksOf(every);
  say(
    `POSSIBLE_TWO_CLONES: said of ${remarks.twinRemarks} traces, right in ${remarks.twinRemarksRight}; ${remarks.twinsSeen} of ${remarks.twins} near-equal pairs seen.`,
  );
  say(
    `BORDERLINE: ${remarks.borderline} intervals cross a cut-off, ${remarks.borderlineWrong} of these in the wrong tier; of the other ${remarks.clear} ${remarks.clearWrong} are.`,
  );
  const low = every.filter(
    ({ truth, score }) =>
      truth !== null && truth >= 0.29 && score.status === 'pass' && (score.cvRaw ?? 1) < 0.245,
  );
  say(`Traces with a truth of 0.29 or more that pass into the low tier: ${low.length} of ${every.length}.`);
  for (const { class: name, truth, score } of low) {
    say(
      `- ${name}: truth ${fixed(truth ?? 0, 3)}, Cv ${fixed(score.cvRaw ?? 0, 3)}, interval ${(score.cvInterval ?? []).map((limit) => fixed(limit, 2)).join('-')}`,
    );
  }
  Object.assign(figures, {
    remarks,
    pseudo: { median: at(0.5), p5: at(0.05) },
    repeatability: deviations,
    lowTier: low.length,
  });

  const lengths = [20, 30, 45, 60, 90, 120, 150];
  const byLength = lengths.map((bases) => {
    const shorter = {
      ...assay,
      window: { ...assay.window, bases, review: 20, fadedBases: Math.min(60, bases) },
    };
    const rows = Object.keys(PLAIN).flatMap((name) =>
      mixtures(name, (random) => plain(name, random), Math.ceil(per / 3), sources, shorter),
    );
    return [`${bases} bases`, summarise(rows)] as const;
  });
  table('Length of the window', byLength);
  const noises = [0.01, 0.03, 0.06, 0.1, 0.13, 0.16, 0.2, 0.33];
  const byNoise = noises.map((noise) => {
    const draw = (random: Parameters<typeof plain>[1]) => ({
      ...plain('one clone + dust', random),
      degradation: { noise },
    });
    return [
      `noise ${noise}`,
      summarise(mixtures(`noise ${noise}`, draw, Math.ceil(per / 2), sources, assay)),
    ] as const;
  });
  table('Noise, one clone with dust', byNoise);
  if (values.docs !== undefined) draw(values.docs, ordinary, every, lengths, byLength, noises, byNoise);
}

function draw(
  folder: string,
  ordinary: readonly Scored[],
  every: readonly Scored[],
  lengths: readonly number[],
  byLength: readonly (readonly [string, Summary])[],
  noises: readonly number[],
  byNoise: readonly (readonly [string, Summary])[],
): void {
  mkdirSync(folder, { recursive: true });
  const names = Object.keys(PLAIN);
  const dots = ordinary.flatMap(({ class: name, truth, score }): Point[] =>
    truth === null || score.cvRaw === null ? [] : [[truth, score.cvRaw, names.indexOf(name)]],
  );
  const share = { xRange: [0, 1], yRange: [0, 1] } as const;
  const write = (name: string, svg: string): void => writeFileSync(join(folder, name), svg);
  write(
    'accuracy-estimate.svg',
    plot(
      { title: 'Estimate against truth', x: 'largest share', y: 'Cv', series: names, ...share },
      dots,
      'dots',
      true,
    ),
  );
  const coverage = [...byClass(every)].map(([, rows], k): Point => [k, summarise(rows).coverage, 0]);
  write(
    'accuracy-coverage.svg',
    plot(
      {
        title: 'Part of 90 % intervals that hold the truth, by class',
        x: 'class, in the order of the tables',
        y: 'part',
        xRange: [0, coverage.length],
        yRange: [0.5, 1],
        series: ['coverage'],
      },
      coverage,
      'dots',
    ),
  );
  write(
    'accuracy-window.svg',
    plot(
      {
        title: 'RMSE by length of the window',
        x: 'host bases',
        y: 'RMSE',
        xRange: [0, 150],
        yRange: [0, 0.1],
        series: ['all classes'],
      },
      lengths.map((length, k): Point => [length, byLength[k]?.[1].rmse ?? NaN, 0]),
      'lines',
    ),
  );
  const scoredNoise = noises.flatMap((noise, k): Point[] => {
    const { traces, refused, rmse } = byNoise[k]?.[1] ?? { traces: 1, refused: 1, rmse: NaN };
    const part: Point = [noise, refused / traces, 1];
    return Number.isNaN(rmse) ? [part] : [[noise, rmse, 0], part];
  });
  write(
    'accuracy-noise.svg',
    plot(
      {
        title: 'Noise',
        x: 'SD over peak height',
        y: 'RMSE, part refused',
        xRange: [0, 0.35],
        yRange: [0, 1],
        series: ['RMSE', 'refused'],
      },
      scoredNoise,
      'lines',
    ),
  );
}

const real = sharedFolder('real');
if (real === null) say('The real traces beside the project are absent: no mixtures of real signal.');
else onRealSignal(real, split);
const given = sharedFolder('mixtures');
if (given === null) say('The mixtures beside the project are absent.');
else classes('Mixtures made by others', givenMixtures(given, assay));
classes(
  'Traces of the simulator',
  Object.keys(PLAIN).flatMap((name) => simulated(name, Math.ceil(per / 2), assay)),
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
