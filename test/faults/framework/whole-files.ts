import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { tell } from '../checker/hl7.ts';
import { finishedBackups } from './backups.ts';
import { expect } from './case.ts';
import type { Site } from './site.ts';

/** How many whole files there were. */
export interface WholeFiles {
  readonly messages: number;
  readonly backups: number;
  /** Of the two notes that are written without a sync, since the service does without them: how many cannot be read. */
  readonly torn: number;
}

/**
 * Every file that has its last name is whole: messages in the folder of a file destination have the bytes that the
 * database has, and none is missing that counts as delivered; backups are sound; alerts.json can be
 * read, or is not there.
 */
export function expectWholeFiles(site: Site, destination: string, folder: string): WholeFiles {
  const isTorn = (name: string): boolean => {
    const path = join(site.dataDir, name);
    return existsSync(path) && !isJson(readFileSync(path, 'utf8'));
  };
  expect(!isTorn('alerts.json'), 'alerts.json is whole');
  const backups = finishedBackups(site);
  for (const name of backups) {
    const problem = problemOf(join(site.dataDir, 'backups', name));
    expect(problem === null, `${name} is sound: ${problem}`);
  }
  const messages = readdirSync(folder).filter((name) => name.endsWith('.hl7'));
  const known = messagesFor(site, destination);
  for (const name of messages) {
    const bytes = readFileSync(join(folder, name));
    const controlId = tell(bytes)?.controlId;
    expect(`${controlId}.hl7` === name, `${name} with ${bytes.length} bytes holds the message of its name`);
    expect(known.get(controlId ?? '')?.bytes.equals(bytes) === true, `${name} has the bytes of the database`);
  }
  for (const [controlId, { state }] of known) {
    expect(
      state !== 'delivered' || messages.includes(`${controlId}.hl7`),
      `${controlId} counts as delivered, so its file is there`,
    );
  }
  const torn = ['state.json', 'raisingd.db.witness'].filter(isTorn).length;
  return { messages: messages.length, backups: backups.length, torn };
}

function messagesFor(
  { database }: Site,
  destination: string,
): ReadonlyMap<string, { readonly state: string; readonly bytes: Buffer }> {
  if (!existsSync(database)) return new Map();
  const db = new DatabaseSync(database, { readOnly: true });
  try {
    const rows = db
      .prepare(
        `SELECT o.control_id, o.state, m.bytes FROM outbox o JOIN messages m ON m.outbox_id = o.id
         WHERE o.destination = ?`,
      )
      .all(destination);
    return new Map(
      rows.map((row) => [
        String(row['control_id']),
        { state: String(row['state']), bytes: Buffer.from(row['bytes'] as Uint8Array) },
      ]),
    );
  } finally {
    db.close();
  }
}

/** What SQLite finds wrong with a copy; null where it is sound. */
function problemOf(file: string): string | null {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = db.prepare('PRAGMA quick_check').all();
    const said = rows.map((row) => String(row['quick_check'])).join('; ');
    const results = db.prepare("SELECT count(*) AS tables FROM sqlite_schema WHERE name = 'outbox'").get();
    return said !== 'ok' ? said : results?.['tables'] === 1 ? null : 'it is empty';
  } finally {
    db.close();
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
