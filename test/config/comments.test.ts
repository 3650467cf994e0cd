import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadTexts } from '../../src/config/comments.ts';
import { formatFault } from '../../src/config/faults.ts';
import { loadConfig } from '../../src/config/load.ts';
import { CATEGORIES } from '../../src/context/context.ts';
import { REASON_CODES } from '../../src/reason.ts';
import { CAUSES, LINES } from '../../src/risk/texts.ts';
import { en, ja } from '../texts.ts';

/** A configuration with comment texts of its own. */
function site(file: string, text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'raisingd-comments-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'texts'));
  writeFileSync(join(folder, 'texts', file), text);
  writeFileSync(join(folder, 'raisingd.yaml'), 'dataDir: data\ncomments: texts\n');
  return loadConfig(join(folder, 'raisingd.yaml'));
}

function faultsIn(text: string): string[] {
  const read = site('en.yaml', text);
  return read.ok ? [] : read.faults.map((fault) => formatFault(fault).replace(/ \(.*\/texts/, ' ('));
}

test.each([en, ja])('the bundled texts ($language) hold every line, code and category', (texts) => {
  expect(Object.keys(texts.lines).sort()).toEqual(Object.keys(LINES).sort());
  expect(Object.keys(texts.reasons).sort()).toEqual(Object.keys(REASON_CODES).sort());
  expect(Object.keys(texts.causes).sort()).toEqual([...CAUSES].sort());
  expect(Object.keys(texts.categories).sort()).toEqual([...CATEGORIES].sort());
});

test('the bundled English text of a code is the one that lists and messages show', () => {
  expect(en.reasons).toEqual(REASON_CODES);
});

test('every code has a Japanese text of its own', () => {
  const untranslated = Object.entries(ja.reasons).filter(([, text]) => /^[\p{ASCII}]*$/u.test(text));
  expect(untranslated).toEqual([]);
});

test('a site changes one line, and keeps the others', () => {
  const read = site('en.yaml', 'lines:\n  tierOnly: "Clonality {cv}, {tier} ({intermediate}/{high})"\n');
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  expect(read.texts.en.lines.tierOnly).toBe('Clonality {cv}, {tier} ({intermediate}/{high})');
  expect(read.texts.en.lines.onset).toBe(en.lines.onset);
  expect(read.texts.ja).toEqual(ja);
});

test.each([
  ['a mark is missing', 'lines:\n  tierOnly: "Cv {cv}"\n', /^comments\.lines\.tierOnly: lacks \{tier\}, /],
  ['a mark is unknown', 'lines:\n  basis: "By {who}"\n', /has \{who\}, which nothing fills in/],
  ['a line is unknown', 'lines:\n  tierOnyl: "x"\n', /tierOnyl: is not a known key.*Did you mean tierOnly/],
  [
    'a text would begin a new line',
    'tiers:\n  low: "low\\rOBX|1"\n',
    /^comments\.tiers\.low: must be one line/,
  ],
])('a fault is named with its place: %s', (_title, text, fault) => {
  expect(faultsIn(text)).toEqual([expect.stringMatching(fault)]);
});

test('a folder without any texts is a fault', () => {
  const read = loadTexts(join(tmpdir(), 'raisingd-no-such-folder'));
  expect(read.ok ? [] : read.faults.map(({ message }) => message)).toEqual([
    'holds neither en.yaml nor ja.yaml',
  ]);
});
