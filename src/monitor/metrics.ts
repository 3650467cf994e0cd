import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CourierEvent, MessageEvent } from '../deliver/courier.ts';
import type { AckCode } from '../hl7/ack.ts';
import type { ControlKind, ControlVerdict } from '../release/controls.ts';
import type { Recorded } from '../result/issue.ts';
import type { Finding } from '../watch/finding.ts';

/** What is counted as it happens. No label ever holds a name of a patient, a sample or a file. */
export interface Metrics {
  /** Begins to count at 0 what may happen: a rise from nothing would not be seen as one. */
  expect(names: { readonly destinations: readonly string[]; readonly jobs: readonly string[] }): void;
  /** What the intake found, and what became of it. */
  taken(findings: readonly Finding[], recorded: readonly Recorded[], now: Date): void;
  /** Controls, whenever they are judged. */
  judged(recorded: readonly Recorded[]): void;
  /** What became of a message, or of the way to a destination. */
  courier(event: CourierEvent, now: Date): void;
  job(name: string, outcome: 'done' | 'failed', now: Date): void;
  /** When the newest copy of the database was made. */
  backup(at: Date): void;
}

/** A file that is older when it is found was not written just now: it tells nothing of how quick the service is. */
const OLD_MS = 24 * 60 * 60 * 1000;
/** Messages of which the time of their trace is remembered; of an outage longer than that, the latest. */
const REMEMBERED = 20_000;

const CONTROL_KINDS = ['positive', 'negative', 'other'] satisfies readonly ControlKind[];
const VERDICTS = ['passed', 'failed', 'not-judged'] satisfies readonly ControlVerdict[];
const CODES = ['AA', 'AE', 'AR', 'CA', 'CE', 'CR'] satisfies readonly AckCode[];

const LATENCIES = [0.5, 1, 2, 3, 4, 5, 7.5, 10, 15, 30, 60, 300, 1800, 3600, 6 * 3600, 24 * 3600];
const SCORINGS = [0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2, 5];

export function createMetrics(registry: Registry, about: { readonly version: string }): Metrics {
  const registers = [registry];
  new Gauge({
    name: 'raisingd_build_info',
    help: 'Always 1; the labels tell the versions of the program and of Node.',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version: about.version, node: process.versions.node }, 1);
  const traces = new Counter({
    name: 'raisingd_traces_total',
    help: 'Traces that were read, by what became of each and by its tier.',
    labelNames: ['outcome', 'tier'] as const,
    registers,
  });
  const scoring = new Histogram({
    name: 'raisingd_scoring_seconds',
    help: 'Time for reading and scoring one trace, in the intake process.',
    buckets: SCORINGS,
    registers,
  });
  const latency = new Histogram({
    name: 'raisingd_folder_to_ack_seconds',
    help: 'From the last write to a trace file to the acknowledgement of its result.',
    labelNames: ['destination'] as const,
    buckets: LATENCIES,
    registers,
  });
  const acks = new Counter({
    name: 'raisingd_acks_total',
    help: 'Sent messages by the code of the acknowledgement, or by what came instead of one.',
    labelNames: ['destination', 'code'] as const,
    registers,
  });
  const outages = new Counter({
    name: 'raisingd_destination_outages_total',
    help: 'How often a destination went down.',
    labelNames: ['destination'] as const,
    registers,
  });
  const controls = new Counter({
    name: 'raisingd_controls_total',
    help: 'Control samples by kind and verdict.',
    labelNames: ['kind', 'verdict'] as const,
    registers,
  });
  const controlCv = new Gauge({
    name: 'raisingd_control_cv',
    help: 'Cv of the latest control sample of a kind that has a value (no unit).',
    labelNames: ['kind'] as const,
    registers,
  });
  const jobs = new Counter({
    name: 'raisingd_job_runs_total',
    help: 'Runs of the scheduled jobs, by how they ended.',
    labelNames: ['job', 'outcome'] as const,
    registers,
  });
  const jobDone = new Gauge({
    name: 'raisingd_job_last_success_timestamp_seconds',
    help: 'When a scheduled job last ended well, since the start of the service.',
    labelNames: ['job'] as const,
    registers,
  });
  const lastBackup = new Gauge({
    name: 'raisingd_last_backup_timestamp_seconds',
    help: 'When the newest verified copy of the database was made; 0 where there is none.',
    registers,
  });

  /** Time of the last write to the file behind a message, by MSH-10. */
  const written = new Map<string, number>();
  const remember = (controlId: string, ms: number): void => {
    written.set(controlId, ms);
    if (written.size <= REMEMBERED) return;
    const [oldest] = written.keys();
    if (oldest !== undefined) written.delete(oldest);
  };

  for (const kind of CONTROL_KINDS) for (const verdict of VERDICTS) controls.inc({ kind, verdict }, 0);

  return {
    expect({ destinations, jobs: names }) {
      for (const destination of destinations) {
        outages.inc({ destination }, 0);
        for (const code of CODES) acks.inc({ destination, code }, 0);
      }
      for (const job of names) for (const outcome of ['done', 'failed']) jobs.inc({ job, outcome }, 0);
    },
    taken(findings, recorded, now) {
      const became = new Map(recorded.map((one) => [one.trace, one]));
      for (const finding of findings) {
        switch (finding.kind) {
          case 'sighting':
            break;
          case 'unusable':
            traces.inc({ outcome: 'unusable', tier: 'none' });
            break;
          case 'analysed': {
            const one = became.get(finding.analysis.sha256.slice(0, 12));
            if (finding.scoringMs !== undefined) scoring.observe(finding.scoringMs / 1000);
            traces.inc({ outcome: outcomeOf(one), tier: one?.risk?.tier ?? 'none' });
            const writtenAt = Number(finding.file.mtimeNs / 1_000_000n);
            if (now.getTime() - writtenAt > OLD_MS) break;
            for (const { controlId } of one?.messages ?? []) remember(controlId, writtenAt);
          }
        }
      }
    },
    judged(recorded) {
      for (const { decision } of recorded) {
        if (decision.kind !== 'control') continue;
        const { kind, verdict, cv } = decision.control;
        controls.inc({ kind, verdict });
        if (cv !== null) controlCv.set({ kind }, cv);
      }
    },
    courier(event, now) {
      const { destination } = event;
      switch (event.kind) {
        case 'down':
          outages.inc({ destination });
          return;
        case 'up':
          return;
        case 'delivered':
        case 'held':
        case 'retry': {
          acks.inc({ destination, code: codeOf(event) });
          const writtenAt = written.get(event.controlId);
          if (event.kind !== 'delivered' || writtenAt === undefined) return;
          written.delete(event.controlId);
          // The clock of a share may be ahead of ours.
          latency.observe({ destination }, Math.max(0, now.getTime() - writtenAt) / 1000);
        }
      }
    },
    job(name, outcome, now) {
      jobs.inc({ job: name, outcome });
      if (outcome === 'done') jobDone.set({ job: name }, now.getTime() / 1000);
    },
    backup: (at) => lastBackup.set(at.getTime() / 1000),
  };
}

/** known: set aside by policy, or recorded before a crash and read again. */
function outcomeOf(recorded: Recorded | undefined): string {
  if (recorded === undefined) return 'known';
  const { decision } = recorded;
  switch (decision.kind) {
    case 'release':
      return 'released';
    case 'hold':
      return decision.waitsUntil == null ? 'held' : 'waiting';
    case 'control':
      return 'control';
  }
}

/** An acknowledgement in words begins with its code (src/outbox/outcome.ts). */
function codeOf({ cause, outcome }: MessageEvent): string {
  return cause === 'acknowledged' ? outcome.slice(0, 2) : cause;
}
