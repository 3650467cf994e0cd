import { spawn } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { IntakeSettings, WorklistReading } from '../../src/intake-protocol.ts';
import { silentLog } from '../../src/platform/log.ts';
import type { Finding, FolderStatus, Known } from '../../src/watch/finding.ts';
import { createIntake } from '../../src/watch/intake-client.ts';
import type { IntakeOptions } from '../../src/watch/intake-client.ts';
import { settingsFor } from './settings.ts';
import { until } from '../until.ts';
import { temporaryFolder, traceOf } from './support.ts';

/** A service in small: records what the intake finds, as the database would. */
function serve(folder: string, more: Partial<IntakeSettings> = {}, handlers: Partial<IntakeOptions> = {}) {
  const findings: Finding[] = [];
  const ledger: Known[] = [];
  const folders: FolderStatus[] = [];
  const complaints: string[] = [];
  const readings: WorklistReading[] = [];
  const failures: unknown[] = [];
  const intake = createIntake({
    settings: settingsFor(folder, more),
    devices: new Map(),
    ledger: () => ledger,
    onFindings(batch) {
      findings.push(...batch);
      for (const found of batch) ledger.push({ ...found.file, sha256: shaOf(found) });
    },
    onWorklist: (reading) => readings.push(reading),
    onFolder: (status) => folders.push(status),
    onComplaint: (_path, detail) => complaints.push(detail),
    onFatal: (error) => failures.push(error),
    log: silentLog,
    ...handlers,
  });
  intake.start();
  onTestFinished(() => intake.stop(2000));
  const scored = (): Set<string> => new Set(findings.map(({ file }) => file.name));
  return { intake, findings, ledger, folders, complaints, readings, failures, scored };
}

function shaOf(found: Finding): string | null {
  if (found.kind === 'unusable') return null;
  return found.kind === 'sighting' ? found.sha256 : found.analysis.sha256;
}

function kill(pid: number | null, signal: NodeJS.Signals): void {
  if (pid === null) throw new Error('there is no intake process');
  process.kill(pid, signal);
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('the intake process', () => {
  it('accounts for 2,000 files that come at once, each once', async () => {
    const folder = temporaryFolder();
    const service = serve(folder);
    await until(() => expect(service.folders).toMatchObject([{ state: 'available' }]));
    const names = Array.from({ length: 2000 }, (_, at) => `S25-${at}.ab1`);
    for (const name of names) writeFileSync(join(folder, name), traceOf(name));
    await until(() => expect(service.scored().size).toBe(2000));
    expect(service.findings).toHaveLength(2000);
    expect(service.findings.every(({ kind }) => kind === 'analysed')).toBe(true);
  });

  it('is replaced when it is killed in the middle, and nothing is lost', async () => {
    const folder = temporaryFolder();
    const names = Array.from({ length: 400 }, (_, at) => `S25-${at}.ab1`);
    for (const name of names) writeFileSync(join(folder, name), traceOf(name));
    const service = serve(folder);
    await until(() => expect(service.findings.length).toBeGreaterThan(50));
    kill(service.intake.state().pid, 'SIGKILL');
    await until(() => expect(service.scored().size).toBe(400));
    expect(service.intake.state().replaced).toBe(1);
    const analysed = service.findings.filter(({ kind }) => kind === 'analysed');
    expect(new Set(analysed.map(shaOf)).size).toBe(400);
    // What was recorded before is known to the second process: at most the batches on their way come twice.
    expect(service.findings.length).toBeLessThanOrEqual(400 + 4 * 64);
  });

  it('takes nothing twice after a restart of the service', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'old.ab1'), traceOf('old'));
    const first = serve(folder);
    await until(() => expect(first.findings).toHaveLength(1));
    await first.intake.stop(2000);
    const second = serve(folder, {}, { ledger: () => first.ledger });
    writeFileSync(join(folder, 'new.ab1'), traceOf('new'));
    await until(() => expect([...second.scored()]).toEqual(['new.ab1']));
  });

  it('is replaced when it falls silent, and says that the folder hangs', async () => {
    const folder = temporaryFolder();
    const service = serve(folder, { hangMs: 5000 });
    await until(() => expect(service.folders).toMatchObject([{ state: 'available' }]));
    const { pid } = service.intake.state();
    kill(pid, 'SIGSTOP');
    await until(() => expect(service.folders.at(-1)).toMatchObject({ folder, state: 'hanging' }));
    writeFileSync(join(folder, 'a.ab1'), traceOf('a'));
    await until(() => expect([...service.scored()]).toEqual(['a.ab1']));
    expect(service.folders.map(({ state }) => state)).toEqual(['available', 'hanging', 'available']);
    expect(service.intake.state().pid).not.toBe(pid);
    await until(() => expect(lives(Number(pid))).toBe(false));
  });

  it('hands on no more than the service records', async () => {
    const folder = temporaryFolder();
    for (let at = 0; at < 600; at += 1) writeFileSync(join(folder, `${at}.ab1`), traceOf(String(at)));
    const gate = Promise.withResolvers<undefined>();
    let batches = 0;
    const found: Finding[] = [];
    const service = serve(
      folder,
      {},
      {
        async onFindings(batch) {
          batches += 1;
          await gate.promise;
          found.push(...batch);
        },
      },
    );
    // The process goes on to look, and to tell how much it still has.
    await until(() => expect(service.intake.state().folders[0]?.waiting).toBeGreaterThan(100));
    await until(() => expect(batches).toBe(1));
    gate.resolve(undefined);
    await until(() => expect(found).toHaveLength(600));
  });

  it('stops for good when what it found cannot be recorded', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'a.ab1'), traceOf('a'));
    const service = serve(
      folder,
      {},
      {
        onFindings: () => {
          throw new Error('the disk is broken');
        },
      },
    );
    const pid = await new Promise<number>((resolve) => {
      const asking = setInterval(() => {
        const now = service.intake.state().pid;
        if (now === null) return;
        clearInterval(asking);
        resolve(now);
      }, 5);
    });
    await until(() => expect(service.failures).toEqual([new Error('the disk is broken')]));
    await until(() => expect(lives(pid)).toBe(false));
  });

  it('tells of a folder that is missing, and resumes when it comes', async () => {
    const folder = join(temporaryFolder(), 'share');
    const service = serve(folder);
    await until(() =>
      expect(service.folders).toMatchObject([{ folder, state: 'unavailable', detail: 'ENOENT' }]),
    );
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.ab1'), traceOf('a'));
    await until(() => expect([...service.scored()]).toEqual(['a.ab1']));
    expect(service.folders.at(-1)).toMatchObject({ folder, state: 'available' });
  });

  it('stays unavailable while its share is not mounted, through a replaced process and a reload', async () => {
    const folder = temporaryFolder();
    // What an intake process has seen before a reload.
    const devices = new Map([[folder, 'another']]);
    const service = serve(folder, {}, { devices });
    const isAway = { folder, state: 'unavailable', device: 'another' };
    await until(() => expect(service.folders).toMatchObject([isAway]));
    kill(service.intake.state().pid, 'SIGKILL');
    await until(() => expect(service.intake.state().replaced).toBe(1));
    await until(() => expect(service.intake.state().folders).toMatchObject([isAway]));
    expect(service.folders).toHaveLength(1);
    writeFileSync(join(folder, 'a.ab1'), traceOf('a'));
    await until(() => expect(service.folders.at(-1)).toMatchObject({ state: 'available' }));
    expect(devices.get(folder)).toBe(String(statSync(folder).dev));
  });

  it('tells once of a folder that holds traces and worklists, when it goes and when it is back', async () => {
    const folder = join(temporaryFolder(), 'share');
    mkdirSync(folder);
    const heartbeats: string[] = [];
    const service = serve(folder, { worklist: { folder, scanSeconds: 3600 } });
    await until(() => expect(service.folders).toMatchObject([{ state: 'available' }]));
    renameSync(folder, `${folder}.away`);
    await until(() => expect(service.folders).toHaveLength(2));
    const watching = setInterval(() => {
      heartbeats.push(
        service.intake
          .state()
          .folders.map(({ state }) => state)
          .join(' '),
      );
    }, 50);
    // The worklists are looked for once an hour, and the traces all the time: the two do not agree for long.
    await until(() => expect(heartbeats.length).toBeGreaterThan(10));
    clearInterval(watching);
    expect(heartbeats.at(-1)).toBe('available unavailable');
    renameSync(`${folder}.away`, folder);
    await until(() => expect(service.folders).toHaveLength(3));
    expect(service.folders.map(({ state }) => state)).toEqual(['available', 'unavailable', 'available']);
  });

  it('scans at once when asked', async () => {
    const folder = temporaryFolder();
    const settings = settingsFor(folder);
    const watch = { ...settings.watch, scanSeconds: 3600, polling: true };
    const service = serve(folder, { watch });
    await until(() => expect(service.folders).toMatchObject([{ state: 'available' }]));
    const inner = join(folder, 'a.ab1');
    writeFileSync(inner, traceOf('a'));
    service.intake.rescan();
    await until(() => expect([...service.scored()]).toEqual(['a.ab1']));
  });

  it('reads the worklists before it hands on the first trace', async () => {
    const folder = temporaryFolder();
    const worklists = temporaryFolder();
    writeFileSync(join(folder, 'S25-1.ab1'), traceOf('S25-1'));
    writeFileSync(join(worklists, 'orders.csv'), 'accession,order\nS25-1,4711\n');
    let rowsAtFirst = -1;
    const service = serve(
      folder,
      { worklist: { folder: worklists, scanSeconds: 0.2 } },
      { onFindings: () => (rowsAtFirst = service.readings.at(-1)?.rows.length ?? 0) as never },
    );
    await until(() => expect(rowsAtFirst).toBe(1));
    expect(service.readings[0]?.rows).toMatchObject([{ accession: 'S25-1', context: { order: '4711' } }]);
    rmSync(join(worklists, 'orders.csv'));
    await until(() =>
      expect(service.readings.at(-1)).toEqual({ rows: [], silence: null, faults: [], files: 0 }),
    );
  });

  it('dies with the service', async () => {
    const folder = temporaryFolder();
    const orphan = fileURLToPath(new URL('./orphan.ts', import.meta.url));
    const service = spawn(process.execPath, [orphan, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => {
      service.stdout.once('data', (text: Buffer) => resolve(Number(text.toString())));
    });
    expect(lives(pid)).toBe(true);
    service.kill('SIGKILL');
    await until(() => expect(lives(pid)).toBe(false));
  });

  it('is gone when the service has stopped, also when it does not answer', async () => {
    const service = serve(temporaryFolder());
    await until(() => expect(service.folders).toMatchObject([{ state: 'available' }]));
    const { pid } = service.intake.state();
    kill(pid, 'SIGSTOP');
    const before = performance.now();
    await service.intake.stop(100);
    expect(performance.now() - before).toBeLessThan(5000);
    await until(() => expect(lives(Number(pid))).toBe(false));
  });
});
