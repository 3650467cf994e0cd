import { DatabaseSync } from 'node:sqlite';

/** Every path that the database knows, as text; of one content alone where its hash is given. */
export function sightedPaths(database: string, sha256?: string): readonly string[] {
  const db = new DatabaseSync(database, { readOnly: true, timeout: 5000 });
  try {
    const which = sha256 === undefined ? '' : 'WHERE sha256 = ?';
    const rows = db
      .prepare(`SELECT path FROM sightings ${which}`)
      .all(...(sha256 === undefined ? [] : [sha256]));
    return rows.map(({ path }) => (path instanceof Uint8Array ? Buffer.from(path).toString('utf8') : ''));
  } finally {
    db.close();
  }
}
