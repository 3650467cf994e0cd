import type { Alerts } from './alerts/alerts.ts';
import type { AlertKey } from './alerts/kinds.ts';
import { hashOf } from './config/version.ts';
import type { Decision } from './release/decide.ts';
import type { Sighting } from './store/sightings.ts';
import type { Store } from './store/store.ts';
import type { Finding, FolderStatus } from './watch/finding.ts';
import { wordsOf } from './platform/words-of.ts';

/** What the parts of the daemon tell of, as alerts. No name of a run, a sample or a file: it may hold anything. */
export interface DaemonAlerts {
  /** One alarm a control that failed, however many results it holds. */
  control(decision: Extract<Decision, { kind: 'control' }>): void;
  rejected(finding: Extract<Finding, { kind: 'unusable' }>): void;
  folder(status: FolderStatus): void;
  jobFailed(job: string, error: unknown): void;
  jobWorks(job: string): void;
}

export function createDaemonAlerts(alerts: Alerts, store: Pick<Store, 'sightings'>): DaemonAlerts {
  const told = rejectedBefore(store);
  return {
    control({ failures: { began, ended } }) {
      for (const trace of began)
        alerts.raise(`control:${trace}`, 'A control failed: the results of its run are held');
      const how = began.length === 0 ? 'passed when it was' : 'was';
      for (const trace of ended) alerts.clear(`control:${trace}`, `The control ${how} injected again`);
    },
    rejected({ file, reason }) {
      const [path, state] = stateOf(file);
      if (told.get(path) === state) return;
      told.set(path, state);
      alerts.tell(
        `file:${shortHash(file.name)}`,
        `A file was rejected (${reason.code}); raisingd status names it`,
      );
    },
    folder({ folder, state, detail }) {
      const key = `folder:${folder}` as const;
      switch (state) {
        case 'available':
          alerts.clear(key, `${folder} is available`);
          return;
        case 'unavailable':
        case 'hanging':
          alerts.raise(key, `${folder} is ${state}: ${detail}`);
          return;
        case 'starting':
          return;
      }
    },
    jobFailed(job, error) {
      const why = wordsOf(error);
      alerts.raise(keyOf(job), `${job} failed: ${why}`);
    },
    jobWorks: (job) => alerts.clear(keyOf(job), `${job} works again`),
  };
}

function keyOf(job: string): AlertKey {
  return job === 'backup' ? 'backup' : `job:${job}`;
}

/** After each start all rejected files are rejected once more, and nobody need hear of them again. */
function rejectedBefore({ sightings }: Pick<Store, 'sightings'>): Map<string, string> {
  return new Map(sightings.unread().map(stateOf));
}

/** A file, and as what it was rejected: one line a file, however often it changes. */
function stateOf({ path, size, mtimeNs }: Omit<Sighting, 'sha256'>): readonly [string, string] {
  return [Buffer.from(path).toString('hex'), `${size}:${mtimeNs}`];
}

function shortHash(text: string): string {
  return hashOf(text).slice(0, 12);
}
