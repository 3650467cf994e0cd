import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { recordTrace, tempFolder, later } from '../store/support.ts';
import { raisingdIn, SAMPLES } from './command-line.ts';

const JA = 'ja_JP.UTF-8';

/** A data folder in which one message is held. */
function site(): string {
  const folder = tempFolder();
  const config = join(folder, 'raisingd.yaml');
  writeFileSync(config, 'dataDir: data\nlis: [{ name: main, mllp: { host: 127.0.0.1, port: 1 } }]\n');
  const store = openStore(join(folder, 'data', 'raisingd.db'), { access: 'service', now: later(0) });
  const { entryId } = recordTrace(store, 'S25-1');
  store.outbox.markHeld(entryId, later(1), 'AE');
  store.close();
  return config;
}

test('commands speak Japanese where the environment asks for it, and JSON stays as it is', async () => {
  const config = site();
  const [status, queue, json, review, english] = await Promise.all([
    raisingdIn(JA, 'status', '--config', config),
    raisingdIn(JA, 'queue', 'list', '--config', config),
    raisingdIn(JA, 'queue', 'list', '--json', '--config', config),
    raisingdIn(JA, 'review', 'list', '--config', config),
    raisingdIn('C', 'status', '--config', config),
  ]);
  expect(status.stdout).toContain('raisingdは停止しています\n');
  expect(status.stdout).toContain('送信 main：未応答 0 件、保留 1 件\n');
  expect(status.stdout).not.toMatch(/held|queue|last 24/);
  expect(queue.stdout).toMatch(/^1 {2}保留 {2}main {2}\S+ {2}結果 \S+ {2}作成 .* {2}試行 1 回 {2}AE\n$/);
  expect(JSON.parse(json.stdout)).toMatchObject({ state: 'held', destination: 'main' });
  expect(review.stdout).toBe('確認を待つ結果はありません\n');
  expect(english.stdout).toContain('raisingd does not run\n');
});

test('check and score speak Japanese, and lines up what stands in columns', async () => {
  const config = site();
  const [check, score] = await Promise.all([
    raisingdIn(JA, 'check', '--config', config),
    raisingdIn(JA, 'score', join(SAMPLES, 'S25-000123_C01.ab1')),
  ]);
  expect(check.stdout).toMatch(/^設定 {8}\S/);
  expect(check.stdout).toMatch(/\nカットオフ {2}Cv 0\.25 と 0\.50/);
  expect(score.stdout).toMatch(/ {2}Cv 0\.74（90 %区間 0\.\d\d-0\.\d\d）、区分 高、合格\n/);
  writeFileSync(config, 'dataDir: data\nwach: {}\n');
  const faulty = await raisingdIn(JA, 'check', '--config', config);
  expect([faulty.exitCode, faulty.stdout.split('\n')[0]]).toEqual([2, '設定に誤りが 1 件あります']);
  expect(faulty.stdout).toContain('  wach: is not a known key');
});

test('the configuration decides where it names a language', async () => {
  const config = site();
  writeFileSync(config, 'dataDir: data\nsite: { commandLanguage: ja }\n');
  const { stdout } = await raisingdIn('C.UTF-8', 'retention', '--dry-run', '--config', config);
  expect(stdout).toMatch(/^画像 {8}365 日を超えたもの/);
  expect(stdout).toContain('解析');
});
