import { configChanges, type Change } from './changes.ts';
import { formatFault } from './faults.ts';
import type { LoadedConfig, Refused } from './load.ts';

/** signal: somebody asked for it. saved: a file of the configuration was saved. */
export type ReloadCause = 'signal' | 'saved';

export type ReloadVerdict =
  | {
      readonly kind: 'refused';
      /** For the log, which only its administrator reads. */
      readonly lines: readonly string[];
      /** For the audit log: without values. */
      readonly faults: readonly string[];
      readonly alarm: string;
    }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'changed'; readonly next: LoadedConfig; readonly changes: readonly Change[] };

/** What to do with a configuration that was read while the service runs on another. */
export function judgeReload(
  running: LoadedConfig,
  next: LoadedConfig | Refused,
  cause: ReloadCause,
): ReloadVerdict {
  if (!next.ok) {
    const count = next.faults.length === 1 ? '1 fault' : `${next.faults.length} faults`;
    return {
      kind: 'refused',
      lines: next.faults.map(formatFault),
      faults: next.faults.map(({ path, message }) => `${path}: ${message}`),
      alarm: `A changed configuration was refused (${count}); raisingd check names what is wrong`,
    };
  }
  if (next.config.dataDir !== running.config.dataDir) {
    return {
      kind: 'refused',
      lines: ['dataDir: cannot change while the service runs. Restart it.'],
      faults: ['dataDir: needs a restart'],
      alarm: 'A changed configuration was refused: dataDir needs a restart',
    };
  }
  if (cause === 'saved' && next.hash === running.hash) return { kind: 'unchanged' };
  return { kind: 'changed', next, changes: configChanges(running, next) };
}
