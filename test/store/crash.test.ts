import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tempFile, tempStore } from './support.ts';

const ROUNDS = 10;

/** Runs the recorder until it has told of `count` commits, kills it, and returns all that it told. */
async function recordAndKill(file: string, round: number, count: number): Promise<string[]> {
  const args = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'crash-recorder.ts')];
  const child = spawn(process.execPath, [...args, file, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk.toString();
    if (told.length >= 21 * count) child.kill('SIGKILL');
  });
  await once(child, 'close');
  // The last line may have been cut by the kill.
  return told.split('\n').slice(0, -1);
}

test('nothing that was committed is lost, and nothing is half there, over ten kills in the middle of work', async () => {
  const file = tempFile();
  const told: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    told.push(...(await recordAndKill(file, round, 5 + 13 * round)));
  }
  const store = tempStore(file);
  const kept = store.outbox.list({ limit: 1_000_000 });
  const ids = new Set(kept.map(({ controlId }) => controlId));
  expect(told.length).toBeGreaterThan(ROUNDS * 5);
  expect(told.filter((id) => !ids.has(id))).toEqual([]);
  expect(ids.size).toBe(kept.length);
  expect(store.audit.verify()).toMatchObject({ ok: true, rows: kept.length });
  expect([...store.sightings.all()]).toHaveLength(kept.length);
  for (const item of kept) {
    expect(store.outbox.show(item.id)?.bytes).not.toBeNull();
    expect(store.results.byKey(item.resultKey)).not.toBeNull();
  }
});
