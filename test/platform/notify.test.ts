import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Log } from '../../src/platform/log.ts';
import { createNotify } from '../../src/platform/notify.ts';

let folder: string;
let said: string;
let warnings: unknown[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'raisingd-notify-'));
  said = join(folder, 'said');
  warnings = [];
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const log: Log = {
  error: () => undefined,
  warn: (message, fields) => warnings.push([message, fields]),
  info: () => undefined,
  debug: () => undefined,
};

/** A stand-in for systemd-notify that writes down what it was told, the slower the longer the message. */
function supervised(script = `sleep "0.0\${#2}"; echo "$@" >> "${said}"`): NodeJS.ProcessEnv {
  const program = join(folder, 'systemd-notify');
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  return { PATH: `${folder}:/usr/bin:/bin`, NOTIFY_SOCKET: '/run/systemd/notify' };
}

test('systemd is told in the order in which things happened', async () => {
  const notify = createNotify(supervised(), log, 77);
  void notify.reloading();
  void notify.ready();
  void notify.watchdog();
  await notify.stopping();
  expect(readFileSync(said, 'utf8').trimEnd().split('\n')).toEqual([
    '--pid=77 RELOADING=1',
    '--pid=77 READY=1',
    '--pid=77 WATCHDOG=1',
    '--pid=77 STOPPING=1',
  ]);
  expect(warnings).toEqual([]);
});

test('outside of systemd nothing is run', async () => {
  const notify = createNotify({ ...supervised(), NOTIFY_SOCKET: '', WATCHDOG_USEC: '60000000' }, log);
  await notify.ready();
  expect(existsSync(said)).toBe(false);
  expect(notify.intervalMs).toBeNull();
});

test('a failing systemd-notify is logged, and what comes after it is still told', async () => {
  const notify = createNotify(
    supervised(`case $2 in READY*) exit 1 ;; esac; echo "$@" >> "${said}"`),
    log,
    77,
  );
  await notify.ready();
  await notify.stopping();
  expect(warnings).toEqual([['systemd was not told', expect.objectContaining({ message: 'READY=1' })]]);
  expect(readFileSync(said, 'utf8')).toBe('--pid=77 STOPPING=1\n');
});

test('a machine without systemd-notify is no reason to fail', async () => {
  await createNotify({ PATH: folder, NOTIFY_SOCKET: '/run/systemd/notify' }, log).ready();
  expect(warnings).toHaveLength(1);
});

test.each([
  ['60 s are told of every 20 s', { WATCHDOG_USEC: '60000000' }, 20_000],
  ['a watchdog of another process is not ours', { WATCHDOG_USEC: '60000000', WATCHDOG_PID: '1' }, null],
  ['none is set', {}, null],
  ['nonsense is none', { WATCHDOG_USEC: 'x' }, null],
])('watchdog: %s', (_title, env, intervalMs) => {
  expect(createNotify({ ...supervised(), ...env }, log, 77).intervalMs).toBe(intervalMs);
});
