import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { acquireLock, lockHolder } from '../../src/store/lock.ts';
import { NOW, tempFolder } from './support.ts';

async function startHolder(dataDir: string): Promise<{ child: ChildProcess; said: unknown }> {
  const child = fork(join(import.meta.dirname, 'lock-holder.ts'), [dataDir], {
    execArgv: ['--disable-warning=ExperimentalWarning', '--expose-gc'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = (await once(child, 'message')) as unknown[];
  return { child, said };
}

describe('the lock of a data folder', () => {
  test('makes the folder, is held once, and is free again after release', () => {
    const dataDir = join(tempFolder(), 'data');
    const lock = acquireLock(dataDir, NOW);
    expect(lock).not.toBeNull();
    expect(acquireLock(dataDir, NOW)).toBeNull();
    lock?.release();
    expect(lockHolder(dataDir)).toBeNull();
    const next = acquireLock(dataDir, NOW);
    expect(next).not.toBeNull();
    next?.release();
  });

  test('refuses a second daemon, which can name the first', async () => {
    const dataDir = tempFolder();
    const { child, said } = await startHolder(dataDir);
    expect(said).toBe('holding');
    expect(acquireLock(dataDir, NOW)).toBeNull();
    expect(lockHolder(dataDir)?.pid).toBe(child.pid);
    expect((await startHolder(dataDir)).said).toBe('refused');
    expect(lockHolder(dataDir)?.pid).toBe(child.pid);
  });

  test('is freed when its holder is killed', async () => {
    const dataDir = tempFolder();
    const { child } = await startHolder(dataDir);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(lockHolder(dataDir)).toBeNull();
    const lock = acquireLock(dataDir, NOW);
    expect(lock).not.toBeNull();
    lock?.release();
  });

  test('is not lost by being looked at, by another process or by the holder itself', async () => {
    const dataDir = tempFolder();
    const lock = acquireLock(dataDir, NOW);
    for (let i = 0; i < 3; i += 1) {
      expect(lockHolder(dataDir)).toEqual({ pid: process.pid, startedAt: NOW.toISOString() });
    }
    expect((await startHolder(dataDir)).said).toBe('refused');
    lock?.release();
  });

  test('holds where its holder could not be written down', () => {
    const dataDir = tempFolder();
    mkdirSync(join(dataDir, 'raisingd.pid'));
    const lock = acquireLock(dataDir, NOW);
    expect(lockHolder(dataDir)).toEqual({ pid: null, startedAt: null });
    lock?.release();
  });

  test('that nobody holds is looked for without making anything', () => {
    const missing = join(tempFolder(), 'missing');
    expect(lockHolder(missing)).toBeNull();
    expect(existsSync(missing)).toBe(false);
    mkdirSync(missing);
    expect(lockHolder(missing)).toBeNull();
    expect(existsSync(join(missing, 'raisingd.lock'))).toBe(false);
  });

  test('that cannot be taken at all says where and why', () => {
    const dataDir = tempFolder();
    mkdirSync(join(dataDir, 'raisingd.lock'));
    expect(() => acquireLock(dataDir, NOW)).toThrow(join(dataDir, 'raisingd.lock'));
  });
});
