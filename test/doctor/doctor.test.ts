import { chmod, mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../src/doctor/finding.ts';
import { judgeFolder } from '../../src/doctor/judge-folder.ts';
import { nodeFinding } from '../../src/doctor/machine.ts';
import { mountOf, readMounts } from '../../src/doctor/mounts.ts';
import { raisingd } from '../commands/command-line.ts';
import { createSite } from '../service/site.ts';

const ROOM = { freeMiB: 1 };

function findingsIn(stdout: string): Finding[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Finding);
}

const of = (findings: readonly Finding[], area: string): string[] =>
  findings.filter((one) => one.area === area).map(({ verdict, text }) => `${verdict} ${text}`);

describe('raisingd doctor', () => {
  test('finds nothing that fails beside a running service, and ends with 0', async () => {
    const site = await createSite({ orders: ['S1,O1,,,,,,,,,,,'] });
    await site.configure({ worklist: { folder: 'worklist' }, alerts: ROOM });
    site.start();
    await site.sees((store) => store.audit.verify());
    const { stdout, exitCode } = await raisingd('doctor', '--json', '--config', site.config);
    const found = findingsIn(stdout);
    expect(found.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    expect(exitCode).toBe(0);
    expect(of(found, 'database')).toEqual([
      expect.stringMatching(/^ok .* opens, version \d+$/),
      'ok integrity check: sound',
    ]);
    expect(of(found, 'audit')).toEqual([expect.stringMatching(/^ok the chain of its \d+ rows is whole$/)]);
    expect(of(found, 'lis')).toEqual([expect.stringMatching(/^ok main: 127\.0\.0\.1 port \d+ connects/)]);
    expect(of(found, 'folder')[0]).toMatch(/^ok .*incoming can be read: 0 files/);
    expect(of(found, 'worklist').at(-1)).toMatch(/^ok the newest worklist is \d+ s old$/);
    expect(of(found, 'service')[0]).toMatch(/^ok it runs, process \d+/);
    expect(await site.received()).toEqual([]);
  });

  test('names each thing that fails with its remedy without a service, and ends with 1', async () => {
    const site = await createSite();
    const tokenFile = join(site.root, 'token');
    await writeFile(tokenFile, 'hunter2\n');
    await chmod(tokenFile, 0o644);
    const old = new Date(Date.now() - 3 * 86_400_000);
    await mkdir(join(site.root, 'lists'));
    await writeFile(join(site.root, 'lists', 'a.csv'), 'accession\n');
    await utimes(join(site.root, 'lists', 'a.csv'), old, old);
    await site.configure({
      alerts: ROOM,
      watch: { folders: ['incoming', 'gone'] },
      worklist: { folder: 'lists' },
      lookup: { kind: 'json', url: 'http://127.0.0.1:1/{accession}', tokenFile: 'token' },
      lis: [
        { name: 'main', mllp: { host: '127.0.0.1', port: 1 } },
        { name: 'drop', file: { folder: 'nowhere' } },
      ],
    });
    const { stdout, exitCode } = await raisingd('doctor', '--config', site.config);
    expect(exitCode).toBe(1);
    for (const line of [
      /^warn +service +it does not run\n +systemctl start raisingd/m,
      /^warn +database +there is none/m,
      /^fail +folder +.*gone is not there\n +Mount the share/m,
      /^warn +worklist +the newest worklist is 3 days old/m,
      /^fail +lis +main: 127\.0\.0\.1 port 1: could not connect: ECONNREFUSED/m,
      /^fail +lis +drop: .*nowhere may not be written/m,
      /^warn +secret +lookup\.tokenFile: .*token is open to everyone\n +chmod o= /m,
      /\d+ ok, \d+ warnings, 3 failed/,
    ])
      expect(stdout).toMatch(line);
    expect(stdout).not.toContain('hunter2');
  });

  test('finds a damaged database and a broken chain', async () => {
    const site = await createSite();
    await site.configure({ alerts: ROOM });
    const service = site.start();
    await service.stop();
    const { DatabaseSync } = await import('node:sqlite');
    const file = join(site.root, 'data', 'raisingd.db');
    const db = new DatabaseSync(file);
    db.exec("DROP TRIGGER audit_immutable; UPDATE audit SET actor = 'nobody' WHERE seq = 1");
    db.close();
    const broken = findingsIn((await raisingd('doctor', '--json', '--config', site.config)).stdout);
    expect(of(broken, 'audit')).toEqual(['fail it is not whole: row 1 was changed']);
    for (const suffix of ['-wal', '-shm']) await rm(`${file}${suffix}`, { force: true });
    await writeFile(file, 'no database');
    const damaged = findingsIn((await raisingd('doctor', '--json', '--config', site.config)).stdout);
    expect(of(damaged, 'database').join()).toMatch(/^fail .*raisingd\.db/);
  });

  test('finds a database that lacks its newest rows', async () => {
    const site = await createSite();
    const service = site.start();
    await service.stop();
    const note = join(site.root, 'data', 'raisingd.db.witness');
    await writeFile(note, '{"seq":900,"hash":"ab","at":"2025-11-22T10:30:15.252Z"}');
    const found = findingsIn((await raisingd('doctor', '--json', '--config', site.config)).stdout);
    expect(of(found, 'database').join()).toMatch(/^fail .*row 900 of its audit log, .* is not there/);
  });

  test('ends with 2 where the configuration is invalid', async () => {
    const site = await createSite();
    await writeFile(site.config, 'dataDir: data\nwatsh: {}\n');
    const { exitCode, stderr } = await raisingd('doctor', '--config', site.config);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('watsh: is not a known key');
  });
});

describe('a folder', () => {
  const MOUNTS = readMounts(
    [
      '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw',
      '40 22 0:41 / /srv rw - autofs systemd-1 rw',
      '41 40 0:42 / /srv/sequencer\\040A ro,relatime - cifs //SEQ/Runs rw,soft,vers=3.1.1',
      '42 22 0:43 / /srv/hard rw - nfs4 nas:/runs rw,hard',
    ].join('\n'),
  );
  const now = new Date('2026-11-22T10:00:00Z');
  const found = (folder: string, reply: object = {}): string[] =>
    judgeFolder(
      'folder',
      folder,
      { kind: 'folder', files: 1, newestMs: now.getTime(), newestFileMs: null, writable: false, ...reply },
      { config: { watch: { polling: false } } as never, mounts: MOUNTS, now, isRoot: false },
    ).map(({ verdict, text }) => `${verdict} ${text}`);

  test('is told by the mount that it is on', () => {
    expect(mountOf('/srv/sequencer A/run', MOUNTS)?.type).toBe('cifs');
    expect(mountOf('/srv/sequencer AB', MOUNTS)?.type).toBe('autofs');
    expect(found('/srv/sequencer A')).toEqual([
      'ok /srv/sequencer A can be read: 1 file, a share (cifs)',
      'warn /srv/sequencer A: a share tells of no events',
    ]);
    expect(found('/var/runs')).toEqual(['ok /var/runs can be read: 1 file, on a local disk (ext4)']);
  });

  test('with a clock ahead of ours, a hard mount or too many rights is a warning', () => {
    const lines = found('/srv/hard', { writable: true, newestMs: now.getTime() + 3_600_000 });
    expect(lines.join('\n')).toContain('mounted hard');
    expect(lines.join('\n')).toContain('may be written by this user');
    expect(lines.join('\n')).toContain('its clock is ahead of ours by 1 h');
  });
});

test('a Node that is older than what is asked for fails, and one of another line is a warning', () => {
  expect(nodeFinding('24.21.0', '>=24.12').verdict).toBe('ok');
  expect(nodeFinding('24.3.0', '>=24.12').verdict).toBe('fail');
  expect(nodeFinding('20.19.2', '>=24.12').verdict).toBe('fail');
  expect(nodeFinding('26.0.0', '>=24.12').verdict).toBe('warn');
});
