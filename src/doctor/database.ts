import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DATABASE_FILE } from '../store/file.ts';
import { StoreError } from '../store/failure.ts';
import { wasHere } from '../store/database.ts';
import { findDamage } from '../store/integrity.ts';
import { newestVersion, versionOf } from '../store/migrate.ts';
import { openStore } from '../store/store.ts';
import { fail, ok, warn, type Finding } from './finding.ts';
import { wordsOf } from '../platform/words-of.ts';

const AREA = 'database';
const BUSY_MS = 5000;

/** Does it open, of which version is it, is it sound, is its audit log whole. It is only read, beside the service. */
export function databaseFindings(dataDir: string, now: Date): Finding[] {
  const file = join(dataDir, DATABASE_FILE);
  const version = ownVersion(file);
  const newest = newestVersion();
  if (version !== null && version < newest) {
    const text = `${file} has version ${version} of ${newest}`;
    return [warn(AREA, text, 'The service brings it up to date at its next start.')];
  }
  try {
    const store = openStore(file, { access: 'read', now });
    try {
      return [ok(AREA, `${file} opens, version ${newest}`), soundness(file), audit(store.audit.verify())];
    } finally {
      store.close();
    }
  } catch (error) {
    if (error instanceof StoreError && error.fault === 'missing' && !wasHere(file))
      return [
        warn(
          AREA,
          `there is none in ${dataDir} yet`,
          'It is made when the service first runs; is its disk mounted?',
        ),
      ];
    if (error instanceof StoreError)
      return [fail(AREA, error.message, 'docs/operations.md, "Back up and restore".')];
    const why = wordsOf(error);
    return [
      fail(
        AREA,
        `${file} cannot be read: ${why}`,
        'Run the doctor with the rights of the service, or as root.',
      ),
    ];
  }
}

/** Null where it cannot be told: opening it says why. */
function ownVersion(file: string): number | null {
  try {
    const db = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS });
    try {
      return versionOf(db);
    } finally {
      db.close();
    }
  } catch {
    return null;
  }
}

function soundness(file: string): Finding {
  const db = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS });
  try {
    const problems = findDamage(db, 'integrity_check');
    if (problems.length === 0) return ok(AREA, 'integrity check: sound');
    return fail(AREA, `it is damaged: ${problems.join('; ')}`, 'Stop the service and restore a backup.');
  } finally {
    db.close();
  }
}

function audit(verdict: { ok: true; rows: number } | { ok: false; found: string }): Finding {
  if (verdict.ok) return ok('audit', `the chain of its ${verdict.rows} rows is whole`);
  const remedy = 'Keep the database as it is, and find out who wrote to it.';
  return fail('audit', `it is not whole: ${verdict.found}`, remedy);
}
