import { getTasks } from 'node-cron';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Fields, Log } from '../../src/platform/log.ts';
import { createSchedule } from '../../src/upkeep/schedule.ts';
import type { Job, Schedule } from '../../src/upkeep/schedule.ts';
import { until } from '../until.ts';

const EVERY_SECOND = '* * * * * *';
const NEVER_SOON = '0 0 29 2 *';

function setUp(jobs: readonly Job[]) {
  const lines: { level: string; message: string; fields: Fields | undefined }[] = [];
  const line = (level: string) => (message: string, fields?: Fields) =>
    void lines.push({ level, message, fields });
  const log: Log = { error: line('error'), warn: line('warn'), info: line('info'), debug: line('debug') };
  const failures: [string, unknown][] = [];
  const schedule: Schedule = createSchedule(jobs, {
    log,
    onFailure: (job, error) => void failures.push([job, error]),
    lookMs: 50,
  });
  onTestFinished(() => schedule.stop());
  return { schedule, lines, failures };
}

describe('a schedule', () => {
  test('goes by the clock as it is put right, not by where it wrongly was', async () => {
    onTestFinished(() => void vi.unstubAllGlobals());
    let runs = 0;
    const { schedule, lines } = setUp([{ name: 'backup', cron: EVERY_SECOND, run: () => void (runs += 1) }]);
    const runsOn = async (): Promise<void> => {
      const before = runs;
      await until(() => expect(runs).toBeGreaterThan(before + 1));
    };
    schedule.start();
    await runsOn();
    const RealDate = Date;
    const ahead = 300_000;
    vi.stubGlobal(
      'Date',
      class extends RealDate {
        static override now = (): number => RealDate.now() + ahead;
        constructor(...about: readonly unknown[]) {
          super(about.length === 0 ? RealDate.now() + ahead : (about[0] as number));
        }
      },
    );
    await runsOn();
    vi.unstubAllGlobals();
    await runsOn();
    expect(lines.map(({ message }) => message)).toContain(
      'The clock was put back; the jobs go by what it says now',
    );
  });

  test('leaves a run out while the one before lasts, and counts it', async () => {
    let runs = 0;
    let finish: () => void = () => undefined;
    const run = (): Promise<void> => {
      runs += 1;
      return new Promise((resolve) => {
        finish = resolve;
      });
    };
    const { schedule, lines } = setUp([{ name: 'backup', cron: EVERY_SECOND, run }]);
    schedule.start();
    await until(() => expect(schedule.state()[0]?.skipped).toBeGreaterThanOrEqual(1));
    expect(runs).toBe(1);
    expect(schedule.state()).toMatchObject([{ name: 'backup', running: true }]);
    expect(lines.find(({ level }) => level === 'warn')).toMatchObject({
      message: 'A job was left out: its last run has not ended',
      fields: { job: 'backup', skipped: 1 },
    });
    finish();
  });

  test('tells of a run that throws, now or later, and runs it again at its time, without a word on the console', async () => {
    const console = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
      vi.spyOn(globalThis.console, name),
    );
    let runs = 0;
    const run = (): Promise<void> => {
      runs += 1;
      if (runs === 1) throw new Error('at once');
      return Promise.reject(new Error('later'));
    };
    const { schedule, failures } = setUp([{ name: 'retention', cron: EVERY_SECOND, run }]);
    schedule.start();
    await until(() => expect(failures).toHaveLength(2));
    expect(failures).toEqual([
      ['retention', new Error('at once')],
      ['retention', new Error('later')],
    ]);
    for (const spy of console) {
      expect(spy).not.toHaveBeenCalled();
      spy.mockRestore();
    }
  });

  test('makes up at once for a run that was missed while nothing ran', async () => {
    const done: string[] = [];
    const job = (name: string, overdue?: boolean): Job => ({
      ...{ name, cron: NEVER_SOON, run: () => void done.push(name) },
      ...(overdue === undefined ? {} : { overdue: () => Promise.resolve(overdue) }),
    });
    const { schedule } = setUp([job('late', true), job('punctual', false), job('other')]);
    schedule.start();
    await until(() => expect(done).toEqual(['late']));
    await schedule.stop();
    expect(done).toEqual(['late']);
  });

  test('waits at its end for what runs, tells it to end, and begins nothing more', async () => {
    let ended = false;
    const run = (signal: AbortSignal): Promise<void> =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          ended = true;
          reject(new Error('cut short'));
        });
      });
    const { schedule, failures } = setUp([
      { name: 'backup', cron: NEVER_SOON, run, overdue: () => Promise.resolve(true) },
    ]);
    schedule.start();
    await until(() => expect(schedule.state()[0]?.running).toBe(true));
    await schedule.stop();
    expect(ended).toBe(true);
    expect(failures).toEqual([]);
    expect(schedule.state()[0]?.running).toBe(false);
    expect(getTasks().size).toBe(0);
  });

  test('refuses what is no cron expression, naming job and value', () => {
    const bad = (cron: string) => () => setUp([{ name: 'backup', cron, run: () => undefined }]);
    expect(bad('0 25 * * *')).toThrow('job backup: cron "0 25 * * *": 25 is a invalid expression for hour');
    expect(bad('0 0 31 2 *')).toThrow('job backup: cron "0 0 31 2 *"');
    expect(bad('nightly')).toThrow('job backup: cron "nightly"');
  });

  test('runs in UTC, whatever the zone of the machine', () => {
    vi.stubEnv('TZ', 'Asia/Tokyo');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(new Date(0).getHours()).toBe(9);
    const { schedule } = setUp([{ name: 'backup', cron: '0 18 * * *', run: () => undefined }]);
    schedule.start();
    const task = [...getTasks().values()].find(({ name }) => name === 'backup');
    expect(task?.getNextRun()?.toISOString()).toMatch(/T18:00:00.000Z$/);
  });
});
