import { readdirSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import type { Daemon } from '../framework/daemon.ts';
import { ext4Disk, smallDisk } from '../framework/disk.ts';
import { seconds } from '../framework/stopwatch.ts';
import { until } from '../framework/wait.ts';

function said(daemon: Daemon, alert: RegExp, event: 'raised' | 'cleared', from = 0): boolean {
  return daemon.log.slice(from).some((line) => alert.test(String(line['alert'])) && line['event'] === event);
}

/**
 * The database's disk is filled to the last byte, or to within some, while traces arrive and while messages wait; it
 * fails at another statement each time.
 */
async function full(bench: Bench): Promise<Measured> {
  const disk = smallDisk(bench, '6m');
  const site = await bench.site({ dataDir: join(disk.path, 'data') });
  site.configure({ upkeep: { backup: { folder: join(bench.folder(), 'backups') } } });
  const daemon = site.start();
  await daemon.ready();
  site.drop(2);
  await site.settled();
  const rounds = 8;
  let longest = 0;
  let delivered = 0;
  for (let round = 0; round < rounds; round += 1) {
    const before = daemon.log.length;
    await site.lis.close();
    site.drop(3);
    await until(() => site.check().places.queued === 3, { signal: bench.signal, what: 'three are queued' });
    // Nothing, or a few pages: enough for the first statements of a transaction and not for its last.
    disk.fill(round % 2 === 0 ? 0 : Math.floor(bench.random() * 40) * 4096);
    site.drop(3);
    const received = site.lis.received();
    await site.lis.listen();
    await until(() => site.lis.received() >= received + 1, {
      signal: bench.signal,
      what: 'delivery goes on with what was queued',
    });
    await until(
      () =>
        said(daemon, /^(disk|outbox)$/, 'raised', before) ||
        site.check().places.acknowledged >= 8 + 6 * round,
      { signal: bench.signal, what: 'an alarm tells, or there was room enough' },
    );
    delivered += site.lis.received() - received;
    expect(daemon.isRunning(), `it runs on: ${daemon.stderr()}`);
    disk.empty();
    const began = performance.now();
    const verdict = await site.settled(60);
    longest = Math.max(longest, seconds(began));
    expect(verdict.places.acknowledged === 2 + 6 * (round + 1), JSON.stringify(verdict.places));
  }
  expect(
    daemon.log.some(({ message }) => message.includes('cannot be written')),
    'the disk was really full',
  );
  const verdict = await site.settled();
  return {
    injections: rounds,
    ...judgement(verdict),
    recoveredSeconds: longest,
    note: `filled ${rounds} times with three messages queued and three traces arriving; ${delivered} were sent while it was full; it healed itself`,
  };
}

async function fullForBackups(bench: Bench): Promise<Measured> {
  const disk = smallDisk(bench, '2m');
  const site = await bench.site();
  const folder = join(disk.path, 'backups');
  site.configure({ upkeep: { backup: { folder, cron: '*/2 * * * * *', keep: 2 } } });
  disk.fill(100_000);
  const daemon = site.start();
  await daemon.ready();
  site.drop(5);
  await until(() => said(daemon, /backup/, 'raised'), {
    signal: bench.signal,
    what: 'an alarm says that it failed',
  });
  await site.settled();
  const made = (): readonly string[] => readdirSync(folder).filter((name) => name.endsWith('.db'));
  expect(made().length === 0, `no half copy has the name of a whole one: ${made().join(', ')}`);
  disk.empty();
  disk.resize('20m');
  const began = performance.now();
  await until(() => made().length > 0 && said(daemon, /backup/, 'cleared'), {
    signal: bench.signal,
    what: 'a copy is made and the alarm ends',
  });
  return {
    injections: 1,
    ...judgement(await site.settled()),
    recoveredSeconds: seconds(began),
    note: 'no half copy was left under a whole one’s name; results flowed; the next run made one and ended the alarm',
  };
}

async function fullForLog(bench: Bench): Promise<Measured> {
  const disk = smallDisk(bench, '1m');
  const site = await bench.site();
  site.configure({ log: { level: 'debug', file: join(disk.path, 'raisingd.log') } });
  disk.fill(8192);
  const daemon = site.start();
  await daemon.ready();
  site.drop(30);
  const verdict = await site.settled();
  expect(verdict.places.acknowledged === 30 && daemon.isRunning(), JSON.stringify(verdict.places));
  disk.empty();
  site.drop(3);
  const began = performance.now();
  const after = await site.settled();
  expect(after.places.acknowledged === 33, JSON.stringify(after.places));
  const { code } = await daemon.stop();
  expect(code === 0, `it ends with exit code 0: ${String(code)}`);
  return {
    injections: 1,
    ...judgement(after),
    recoveredSeconds: seconds(began),
    note: 'the log file’s disk was full; 30 traces were acknowledged all the same',
  };
}

/** What a file system does after an I/O error: nothing can be written any more, not even to files that are open. */
async function readOnly(bench: Bench): Promise<Measured> {
  const disk = ext4Disk(bench);
  const site = await bench.site({ dataDir: join(disk.path, 'data') });
  site.configure({ upkeep: { backup: { folder: join(bench.folder(), 'backups') } } });
  let daemon = site.start();
  await daemon.ready();
  site.drop(3);
  await site.settled();
  disk.breakDown();
  site.drop(3);
  const failed = await daemon.gone();
  expect(failed.code === 1, `it ends with exit code 1: ${JSON.stringify(failed)}`);
  const words = daemon.log.filter((line) => line['level'] === 'error').map((line) => JSON.stringify(line));
  expect(words.length > 0, 'its log says why');
  // Started again, as a service manager does: it must say so at once and clearly, and not pretend to run.
  daemon = site.start();
  const again = await daemon.gone();
  expect(again.code !== 0, `it does not start on such a disk: ${JSON.stringify(again)}`);
  expect(/read-?only|EROFS|I\/O|EIO|writable/i.test(daemon.stderr()), `it says why: ${daemon.stderr()}`);
  const refusal = firstLine(daemon.stderr());
  await disk.repair();
  daemon = site.start();
  await daemon.ready();
  const began = performance.now();
  const verdict = await site.settled();
  expect(verdict.places.acknowledged === 6, JSON.stringify(verdict.places));
  return {
    injections: 2,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: `ended with exit code 1, refused to start on it (${refusal}), went on after fsck`,
  };
}

const firstLine = (text: string): string => text.split('\n')[0]?.slice(0, 100) ?? '';

/** Each n-th fsync of database or log of the database fails, as a dying disk does. */
async function syncFails(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  site.drop(3);
  const first = site.start();
  await first.ready();
  await site.settled();
  await first.stop();
  let fatal = 0;
  const rounds = 6;
  for (let round = 1; round <= rounds; round += 1) {
    site.drop(3);
    const inject = `inject=fsync,fdatasync:error=EIO:when=${round}`;
    const files = ['-P', site.database, '-P', `${site.database}-wal`];
    const daemon = site.start({
      under: [
        'strace',
        '-D',
        '-f',
        '-qq',
        '-o',
        '/dev/null',
        ...files,
        '-e',
        'trace=fsync,fdatasync',
        '-e',
        inject,
      ],
    });
    const end = await Promise.race([
      daemon.ended,
      until(() => site.check().pending.length === 0, {
        signal: bench.signal,
        what: 'it ends or goes on',
      }).then(() => null),
    ]);
    if (end !== null) {
      fatal += 1;
      expect(end.code === 1, `a failed fsync is fatal: ${JSON.stringify(end)} ${daemon.stderr()}`);
    } else {
      await daemon.stop();
    }
    const { lost, duplicated } = site.check();
    expect(lost.length + duplicated.length === 0, [...lost, ...duplicated].join('; '));
  }
  expect(fatal > 0, 'at least one failed fsync was met');
  const daemon = site.start();
  await daemon.ready();
  const began = performance.now();
  const verdict = await site.settled();
  expect(verdict.places.acknowledged === 3 + 3 * rounds, JSON.stringify(verdict.places));
  return {
    injections: rounds,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: `the first to the ${rounds}th fsync of the database failed; ${fatal} times it ended (exit code 1) and came back whole`,
  };
}

/** So many files and no more may be open, then more again. */
async function tooManyFiles(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const daemon = site.start();
  await daemon.ready();
  site.drop(2);
  await site.settled();
  const limit = (pid: number, files: string): void =>
    void execFileSync('prlimit', ['--pid', String(pid), `--nofile=${files}`]);
  const open = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
  const intake = await until(() => daemon.children('intake.ts')[0], {
    signal: bench.signal,
    what: 'there is an intake process',
  });
  for (const pid of [daemon.pid, intake]) limit(pid, `${Math.max(3, open(pid) - 2)}:4096`);
  await site.lis.close();
  site.drop(4);
  const wait = performance.now() + 6000;
  await until(() => performance.now() > wait, { signal: bench.signal, what: 'it lasts' });
  expect(daemon.isRunning(), `it runs on: ${daemon.stderr()}`);
  expect(site.check().places.rejected === 0, 'no file is rejected for it');
  const { stdout } = await site.command('status');
  await site.lis.listen();
  for (const pid of [daemon.pid, ...daemon.children('intake.ts')]) limit(pid, '4096:4096');
  const began = performance.now();
  const verdict = await site.settled(60);
  expect(verdict.places.acknowledged === 6, JSON.stringify(verdict.places));
  return {
    injections: 2,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: `neither process could open one file more for 6 s; status said: ${/^.*(?:no more files|EMFILE).*$/m.exec(stdout)?.[0].trim() ?? 'nothing'}`,
  };
}

/** The database may not grow beyond a size that it soon reaches (ulimit -f). */
async function fileTooBig(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const first = site.start();
  await first.ready();
  site.drop(2);
  await site.settled();
  const limit = (pid: number, bytes: string): void =>
    void execFileSync('prlimit', ['--pid', String(pid), `--fsize=${bytes}`]);
  limit(first.pid, '4096:unlimited');
  site.drop(4);
  await until(() => said(first, /^disk$/, 'raised'), { signal: bench.signal, what: 'an alarm tells' });
  const wait = performance.now() + 6000;
  await until(() => performance.now() > wait, { signal: bench.signal, what: 'it lasts' });
  expect(first.isRunning(), `it runs on: ${first.stderr()}`);
  expect(site.check().places.acknowledged === 2, 'scoring waits');
  limit(first.pid, 'unlimited:unlimited');
  const began = performance.now();
  const verdict = await site.settled(60);
  expect(verdict.places.acknowledged === 6, JSON.stringify(verdict.places));
  return {
    injections: 1,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: 'ulimit -f below the size of the database for 6 s: alarm, scoring waited, and it healed without a restart',
  };
}

export const spaceCases: readonly FaultCase[] = [
  {
    name: 'space: disk full while scoring and queuing',
    expected: 'intake waits with an alarm, delivery goes on, and it heals itself',
    needs: ['root', 'mount'],
    limitSeconds: 200,
    run: full,
  },
  {
    name: 'space: disk full while backing up',
    expected: 'alarm, no half copy, results flow, and the next run makes one',
    needs: ['root', 'mount'],
    run: fullForBackups,
  },
  {
    name: 'space: log disk full',
    expected: 'results flow all the same',
    needs: ['root', 'mount'],
    run: fullForLog,
  },
  {
    name: 'space: read-only file system',
    expected: 'a clear end and no pretence of running; whole again once it is repaired',
    needs: ['root', 'mount', 'mkfs.ext4'],
    run: readOnly,
  },
  {
    name: 'space: fsync fails',
    expected: 'fatal, since only a restart tells what was kept; then verified and whole',
    needs: ['root', 'strace'],
    limitSeconds: 180,
    run: syncFails,
  },
  {
    name: 'space: too many open files',
    expected: 'nothing is rejected for it, and all goes on when there are some again',
    needs: ['root', 'prlimit'],
    run: tooManyFiles,
  },
  {
    name: 'space: file too big',
    expected: 'scoring waits with an alarm, and it heals itself once files may grow again',
    needs: ['root', 'prlimit'],
    run: fileTooBig,
  },
];
