import { createTask, validateDetailed } from 'node-cron';
import type { Logger, ScheduledTask } from 'node-cron';
import type { Log } from '../platform/log.ts';

export interface Job {
  readonly name: string;
  /** Five or six fields, UTC. */
  readonly cron: string;
  /** Its signal is aborted when the schedule stops. */
  run(signal: AbortSignal): void | Promise<void>;
  /** Whether a run was missed while nothing ran; asked once, at start, and made up for at once. */
  overdue?(signal: AbortSignal): Promise<boolean>;
}

export interface JobState {
  readonly name: string;
  /** Runs left out because the one before had not ended. */
  readonly skipped: number;
  readonly running: boolean;
}

export interface Schedule {
  start(): void;
  /** Begins nothing more, and resolves when what runs has ended. */
  stop(): Promise<void>;
  state(): readonly JobState[];
}

export interface ScheduleDeps {
  readonly log: Log;
  /** A run threw; the next one comes at its time. */
  readonly onFailure: (job: string, error: unknown) => void;
  readonly onSuccess?: (job: string) => void;
  /** Between two looks at the clock, milliseconds. */
  readonly lookMs?: number;
}

/** A run that is late, because this process or the whole machine was stopped, still takes place within a day. */
const LATE_MS = 24 * 60 * 60 * 1000;
const LOOK_MS = 30_000;
/** By so much a clock is put back that follows a time server. */
const DRIFT_MS = 5000;

/** Runs jobs at their times; one job never runs twice at once. Throws for a cron expression that is none. */
export function createSchedule(jobs: readonly Job[], deps: ScheduleDeps): Schedule {
  for (const job of jobs) {
    const fault = validateDetailed(job.cron).errors[0];
    if (fault !== undefined) throw new Error(`job ${job.name}: cron "${job.cron}": ${fault.message}`);
  }
  const aborter = new AbortController();
  const entries = jobs.map((job) => createEntry(job, aborter.signal, deps));
  const tasks: ScheduledTask[] = [];
  let looking: NodeJS.Timeout | undefined;

  const arm = (): void => {
    for (const entry of entries) tasks.push(entry.schedule());
  };

  const disarm = async (): Promise<void> => {
    // Not stop(): node-cron keeps every task that is not destroyed.
    for (const task of tasks.splice(0)) await task.destroy();
  };

  /** node-cron waits until the clock comes to where it once was, though it was wrong there. */
  const armAnewAfter = (was: number): number => {
    const ahead = Date.now() - performance.now();
    if (ahead < was - DRIFT_MS) {
      deps.log.warn('The clock was put back; the jobs go by what it says now');
      void disarm().then(() => {
        if (!aborter.signal.aborted) arm();
      });
    }
    return ahead;
  };

  return {
    start() {
      arm();
      for (const entry of entries) void entry.catchUp();
      let ahead = Date.now() - performance.now();
      looking = setInterval(() => (ahead = armAnewAfter(ahead)), deps.lookMs ?? LOOK_MS);
    },
    async stop() {
      aborter.abort();
      clearInterval(looking);
      await disarm();
      await Promise.all(entries.map((entry) => entry.ended()));
    },
    state: () => entries.map((entry) => entry.state()),
  };
}

function createEntry(job: Job, signal: AbortSignal, { log, onFailure, onSuccess }: ScheduleDeps) {
  let skipped = 0;
  let running: Promise<void> | null = null;

  const attempt = async (): Promise<void> => {
    const began = performance.now();
    try {
      await job.run(signal);
      log.info('A job has run', { job: job.name, ms: Math.round(performance.now() - began) });
      onSuccess?.(job.name);
    } catch (error) {
      if (!signal.aborted) onFailure(job.name, error);
    }
  };
  const skip = (): void => {
    skipped += 1;
    log.warn('A job was left out: its last run has not ended', { job: job.name, skipped });
    onFailure(job.name, new Error(`left out ${skipped} times so far: its last run has not ended`));
  };
  /** Also keeps apart a run that makes up for a missed one, of which node-cron knows nothing. */
  const guarded = async (): Promise<void> => {
    if (signal.aborted) return;
    if (running !== null) {
      skip();
      return;
    }
    running = attempt();
    try {
      await running;
    } finally {
      running = null;
    }
  };

  /** One line for all that one leap of the clock left out: years of them, where it began in 1970. */
  let missed: { readonly first: Date; times: number } | null = null;
  const miss = (at: Date): void => {
    if (missed === null) {
      missed = { first: at, times: 0 };
      setImmediate(() => {
        const since = missed?.first.toISOString();
        log.warn('A job was not run at its time', { job: job.name, missed: since, times: missed?.times });
        missed = null;
      });
    }
    missed.times += 1;
  };

  return {
    schedule(): ScheduledTask {
      const task = createTask(job.cron, guarded, {
        name: job.name,
        timezone: 'UTC',
        noOverlap: true,
        // By default a run that begins more than a second late is dropped.
        missedExecutionTolerance: LATE_MS,
        logger: toCronLogger(log, job.name),
      });
      task.on('execution:overlap', skip);
      task.on('execution:missed', ({ date }) => miss(date));
      void task.start();
      return task;
    },
    async catchUp(): Promise<void> {
      try {
        if ((await job.overdue?.(signal)) === true) await guarded();
      } catch (error) {
        if (!signal.aborted) onFailure(job.name, error);
      }
    },
    ended: () => running ?? Promise.resolve(),
    state: (): JobState => ({ name: job.name, skipped, running: running !== null }),
  };
}

/** node-cron writes coloured lines to stdout unless told otherwise; what matters of them is logged above. */
function toCronLogger(log: Log, job: string): Logger {
  const note = (message: string | Error): void => {
    log.debug('node-cron', { job, message: String(message) });
  };
  return { info: note, warn: note, error: note, debug: note };
}
