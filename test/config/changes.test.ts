import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { configChanges, formatChange } from '../../src/config/changes.ts';
import { loadConfig, type LoadedConfig } from '../../src/config/load.ts';

const folder = mkdtempSync(join(tmpdir(), 'raisingd-changes-'));
afterAll(() => rmSync(folder, { recursive: true }));

function load(text: string): LoadedConfig {
  const file = join(folder, 'raisingd.yaml');
  writeFileSync(file, `dataDir: data\n${text}`);
  const loaded = loadConfig(file);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  return loaded;
}

const changed = (before: string, after: string): string[] =>
  configChanges(load(before), load(after)).map(formatChange);

const LIS = '{name: main, mllp: {host: a, port: 1}}';

test('nothing is told of what means the same', () => {
  expect(changed('', '# a comment\nwatch: {scanSeconds: 10}\n')).toEqual([]);
});

test('each key is named with what it was and what it is', () => {
  expect(changed('', 'cutoffs: {cv: {high: 0.8}}\nwatch: {folders: [/srv/a]}\n')).toEqual([
    'cutoffs.cv.high: 0.5 -> 0.8',
    'watch.folders: not set -> ["/srv/a"]',
  ]);
});

test('a destination is told by its name, wherever it stands in the list', () => {
  const second = '{name: other, mllp: {host: b, port: 2}}';
  const moved = LIS.replace('port: 1', 'port: 3');
  expect(changed(`lis: [${LIS}]\n`, `lis: [${second}, ${moved}]\n`)).toContain('lis[main].mllp.port: 1 -> 3');
  expect(changed(`lis: [${LIS}, ${second}]\n`, `lis: [${second}, ${LIS}]\n`)).toEqual([]);
});

test('a secret is never shown', () => {
  const hook = (secret: string): string =>
    `alerts: {channels: [{name: a, webhook: {url: "https://example.org/${secret}"}}]}\n` +
    `lis: [{name: b, http: {url: "http://h/${secret}"}}]\n`;
  const lines = changed(hook('hunter2'), hook('hunter3'));
  expect(lines).toEqual([
    'lis[b].http.url: (secret) -> (secret)',
    'alerts.channels[a].webhook.url: (secret) -> (secret)',
  ]);
});

test('another assay or other words of the comments are told by their hash', () => {
  writeFileSync(join(folder, 'assay.yaml'), `id: htlv1\nanchor: ${'ACGT'.repeat(15)}\n`);
  expect(changed('', 'assay: assay.yaml\n').map((line) => line.split(':')[0])).toEqual([
    'assay',
    'assay (parameters)',
  ]);
});
