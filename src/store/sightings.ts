import type { DatabaseSync } from 'node:sqlite';
import { bytes, numberOrNull, only } from './row.ts';
import type { Row } from './row.ts';

/** A file as it was last seen on one path. */
export interface Sighting {
  /** The path's own bytes: names need not be UTF-8. */
  readonly path: Uint8Array;
  /** Bytes. */
  readonly size: number;
  /** Modification time, nanoseconds since 1970. */
  readonly mtimeNs: bigint;
  /** SHA-256 of the content, hex; null where it was not read (too large or unreadable). */
  readonly sha256: string | null;
}

export interface Sightings {
  /** Every path ever seen, for start-up; read a page at a time, so that the reader may take as long as it likes. */
  all(): IterableIterator<Sighting>;
  /** Those whose file was rejected unread; costs nothing, however many others there are. */
  unread(): Sighting[];
  /** Paths on which a content was seen last, newest first. */
  pathsOf(sha256: string): Uint8Array[];
  /** When a content was written first, by the time of its oldest file; null where it was never seen. */
  writtenAt(sha256: string): Date | null;
  /** Whether just that was seen last on its path. */
  isKnown(sighting: Sighting): boolean;
  /** Remembers what was seen at `at`, in place of what was known of the path. */
  record(sighting: Sighting, at: Date): void;
}

/** Rows that are read at once. */
const PAGE = 1000;

export function createSightings(db: DatabaseSync): Sightings {
  const upsert = db.prepare(`
    INSERT INTO sightings (path, size, mtime_ns, sha256, first_seen, last_seen) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
    ON CONFLICT (path) DO UPDATE
    SET size = excluded.size, mtime_ns = excluded.mtime_ns, sha256 = excluded.sha256, last_seen = excluded.last_seen`);
  // mtime_ns does not fit a JavaScript number.
  const page = db.prepare(
    `SELECT id, path, size, mtime_ns, sha256 FROM sightings WHERE id > ? ORDER BY id LIMIT ${PAGE}`,
    { readBigInts: true },
  );
  const unread = db.prepare(
    'SELECT path, size, mtime_ns, sha256 FROM sightings INDEXED BY sightings_unread WHERE sha256 IS NULL',
    { readBigInts: true },
  );
  const same = db.prepare(
    'SELECT 1 FROM sightings WHERE path = ? AND size = ? AND mtime_ns = ? AND sha256 IS ?',
  );
  const paths = db.prepare('SELECT path FROM sightings WHERE sha256 = ? ORDER BY last_seen DESC');
  const oldest = db.prepare('SELECT min(mtime_ns) / 1000000 AS ms FROM sightings WHERE sha256 = ?');
  return {
    writtenAt(sha256) {
      const ms = numberOrNull(only(oldest.get(sha256)), 'ms');
      return ms === null ? null : new Date(ms);
    },
    pathsOf: (sha256) => paths.all(sha256).map((row) => bytes(row, 'path')),
    *all() {
      let rows = page.all(-1);
      while (rows.length > 0) {
        yield* rows.map(toSighting);
        rows = page.all(rows.at(-1)?.['id'] ?? null);
      }
    },
    unread: () => unread.all().map(toSighting),
    isKnown: ({ path, size, mtimeNs, sha256 }) => same.get(path, size, mtimeNs, sha256) !== undefined,
    record({ path, size, mtimeNs, sha256 }, at) {
      upsert.run(path, size, mtimeNs, sha256, at.toISOString());
    },
  };
}

function toSighting({ path, size, mtime_ns: mtimeNs, sha256 }: Row): Sighting {
  if (!(path instanceof Uint8Array) || typeof size !== 'bigint' || typeof mtimeNs !== 'bigint') {
    throw new TypeError('a row of sightings does not hold what its columns say');
  }
  return { path, size: Number(size), mtimeNs, sha256: typeof sha256 === 'string' ? sha256 : null };
}
