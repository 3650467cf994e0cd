import { DatabaseSync } from 'node:sqlite';

/** Every path that the database knows, as bytes; of one content alone where its hash is given. */
export function sightedPaths(database: string, sha256?: string): readonly Buffer[] {
  const db = new DatabaseSync(database, { readOnly: true, timeout: 5000 });
  try {
    const which = sha256 === undefined ? '' : 'WHERE sha256 = ?';
    const rows = db
      .prepare(`SELECT path FROM sightings ${which}`)
      .all(...(sha256 === undefined ? [] : [sha256]));
    return rows.map(({ path }) => {
      if (!(path instanceof Uint8Array)) throw new TypeError('the path of a sighting is not bytes');
      return Buffer.from(path);
    });
  } finally {
    db.close();
  }
}
