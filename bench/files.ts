import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A folder beside the project, with real traces and mixtures; absent on most machines. */
const SHARED = new URL('../../shared/traces/', import.meta.url);
const SAMPLES = new URL('../samples/', import.meta.url);

/** The traces of a shared set, or, where it is absent, the project's own samples. */
export function tracesOf(set: 'real' | 'mixtures'): {
  readonly paths: readonly string[];
  readonly on: string;
} {
  const shared = listed(new URL(`${set}/`, SHARED));
  if (shared.length > 0) return { paths: shared, on: `${shared.length} ${set} traces` };
  const own = listed(SAMPLES);
  if (own.length === 0) throw new Error('there is no trace to measure on');
  return { paths: own, on: `${own.length} simulated samples (the ${set} set is absent)` };
}

function listed(folder: URL): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /\.ab[1i]$/i.test(name))
      .map((name) => fileURLToPath(new URL(encodeURIComponent(name), folder)));
  } catch {
    // The folder is absent: the caller takes another.
    return [];
  }
}
