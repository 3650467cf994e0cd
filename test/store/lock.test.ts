import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { acquireLock, lockHolder } from '../../src/store/lock.ts';
import { NOW, tempFolder } from './support.ts';

async function startHolder(dataDir: string, uid?: number): Promise<{ child: ChildProcess; said: unknown }> {
  const child = fork(join(import.meta.dirname, 'lock-holder.ts'), [dataDir], {
    execArgv: ['--disable-warning=ExperimentalWarning', '--expose-gc'],
    ...(uid === undefined ? {} : { env: { ...process.env, RAISINGD_TEST_UID: String(uid) } }),
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

  test.skipIf(process.getuid?.() !== 0)(
    'is refused by name to a user who cannot write it, who would share it with others',
    async () => {
      const dataDir = tempFolder();
      acquireLock(dataDir, NOW)?.release();
      chmodSync(dataDir, 0o755);
      chmodSync(join(dataDir, 'raisingd.lock'), 0o644);
      const { said } = await startHolder(dataDir, 65_534);
      expect(String(said)).toContain('raisingd.lock: cannot be locked; make it and its folder writable');
    },
  );

  test.skipIf(process.getuid?.() !== 0)('belongs to whom the folder belongs, also where root made it', () => {
    const dataDir = tempFolder();
    chownSync(dataDir, 65_534, 65_534);
    acquireLock(dataDir, NOW)?.release();
    const owners = ['raisingd.lock', 'raisingd.pid'].map((name) => statSync(join(dataDir, name)).uid);
    expect(owners).toEqual([65_534, 65_534]);
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
