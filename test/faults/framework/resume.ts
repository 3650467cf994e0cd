import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Extent, Row } from './run.ts';
import { programVersion } from '../../../src/platform/version.ts';

/** What the rows of a run are true of. */
export interface Origin extends Extent {
  readonly version: string;
  /** A hash of the program, of the suite and of what both use. */
  readonly sources: string;
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const SOURCES = ['bin', 'config', 'src', 'test/faults'];

export function originOf(extent: Extent): Origin {
  const hash = createHash('sha256').update(readFileSync(join(ROOT, 'package-lock.json')));
  for (const folder of SOURCES) {
    const names = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    for (const name of names.sort()) hash.update(name.slice(ROOT.length)).update(readFileSync(name));
  }
  return { ...extent, version: programVersion(), sources: hash.digest('hex').slice(0, 16) };
}

/** The rows of an earlier run; throws where they tell nothing of this one. */
export function earlierRows(path: string, origin: Origin): readonly Row[] {
  const report = JSON.parse(readFileSync(path, 'utf8')) as Partial<Origin> & {
    readonly rows: readonly Row[];
  };
  for (const key of ['version', 'sources', 'seed', 'long'] as const) {
    if (report[key] === origin[key]) continue;
    throw new Error(
      `${path} is of another run: ${key} ${String(report[key])}, and not ${String(origin[key])}`,
    );
  }
  return report.rows;
}
