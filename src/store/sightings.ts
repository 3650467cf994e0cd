import type { DatabaseSync } from 'node:sqlite';
import { bytes } from './row.ts';

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
  /** Every path ever seen, for start-up. One loop at a time, and to its end: an open one holds up checkpoints. */
  all(): IterableIterator<Sighting>;
  /** Paths on which a content was seen last, newest first. */
  pathsOf(sha256: string): Uint8Array[];
  /** Remembers what was seen at `at`, in place of what was known of the path. */
  record(sighting: Sighting, at: Date): void;
}

export function createSightings(db: DatabaseSync): Sightings {
  const upsert = db.prepare(`
    INSERT INTO sightings (path, size, mtime_ns, sha256, first_seen, last_seen) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
    ON CONFLICT (path) DO UPDATE
    SET size = excluded.size, mtime_ns = excluded.mtime_ns, sha256 = excluded.sha256, last_seen = excluded.last_seen`);
  // mtime_ns does not fit a JavaScript number.
  const select = db.prepare('SELECT path, size, mtime_ns, sha256 FROM sightings', { readBigInts: true });
  const paths = db.prepare('SELECT path FROM sightings WHERE sha256 = ? ORDER BY last_seen DESC');
  return {
    pathsOf: (sha256) => paths.all(sha256).map((row) => bytes(row, 'path')),
    *all() {
      for (const { path, size, mtime_ns: mtimeNs, sha256 } of select.iterate()) {
        if (!(path instanceof Uint8Array) || typeof size !== 'bigint' || typeof mtimeNs !== 'bigint') {
          throw new TypeError('a row of sightings does not hold what its columns say');
        }
        yield { path, size: Number(size), mtimeNs, sha256: typeof sha256 === 'string' ? sha256 : null };
      }
    },
    record({ path, size, mtimeNs, sha256 }, at) {
      upsert.run(path, size, mtimeNs, sha256, at.toISOString());
    },
  };
}
