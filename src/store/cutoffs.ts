import type { DatabaseSync } from 'node:sqlite';
import type { Cutoffs } from '../config/schema.ts';
import { cutoffsVersion } from '../config/version.ts';
import { date, json, number, only, text } from './row.ts';
import type { Row } from './row.ts';

/** A set of cut-offs that was put in force. */
export interface CutoffsVersion {
  /** 1, 2, 3 … */
  readonly version: number;
  /** First 12 hex digits of the hash, as every result and message names the set. */
  readonly hash: string;
  readonly cutoffs: Cutoffs;
  readonly adoptedAt: Date;
  /** `raisingd` where the edit of the configuration took effect by itself, else who applied it. */
  readonly adoptedBy: string;
  readonly reason: string;
}

export interface CutoffsStore {
  /** The set in force; null before the service first ran. */
  active(): CutoffsVersion | null;
  /** The set that a result names; null for one that was never in force here. */
  byHash(hash: string): CutoffsVersion | null;
  /** Oldest first. */
  all(): CutoffsVersion[];
  /** Puts a set in force, as the next version. */
  adopt(cutoffs: Cutoffs, at: Date, by: string, reason: string): CutoffsVersion;
}

export function createCutoffs(db: DatabaseSync): CutoffsStore {
  const newest = db.prepare('SELECT version, hash FROM cutoff_versions ORDER BY version DESC LIMIT 1');
  const active = db.prepare('SELECT * FROM cutoff_versions ORDER BY version DESC LIMIT 1');
  const byHash = db.prepare('SELECT * FROM cutoff_versions WHERE hash = ? ORDER BY version DESC LIMIT 1');
  const all = db.prepare('SELECT * FROM cutoff_versions ORDER BY version');
  const adopt = db.prepare(`
    INSERT INTO cutoff_versions (hash, cutoffs, adopted_at, adopted_by, reason) VALUES (?, ?, ?, ?, ?) RETURNING *`);
  const read = (row: Row | undefined): CutoffsVersion | null => (row === undefined ? null : toVersion(row));
  /** What was in force last: every result asks, another process may adopt a set, and no row ever changes. */
  let known: CutoffsVersion | null = null;
  return {
    active() {
      const row = newest.get();
      if (row === undefined) return null;
      const isKnown = known !== null && known.version === row['version'] && known.hash === row['hash'];
      if (!isKnown) known = read(active.get());
      return known;
    },
    byHash: (hash) => read(byHash.get(hash)),
    all: () => all.all().map(toVersion),
    adopt({ cv, sil2r, source }, at, by, reason) {
      const set = { cv, sil2r, source };
      const row = adopt.get(cutoffsVersion(set), JSON.stringify(set), at.toISOString(), by, reason);
      return toVersion(only(row));
    },
  };
}

function toVersion(row: Row): CutoffsVersion {
  return {
    version: number(row, 'version'),
    hash: text(row, 'hash'),
    cutoffs: json(row, 'cutoffs') as Cutoffs,
    adoptedAt: date(row, 'adopted_at'),
    adoptedBy: text(row, 'adopted_by'),
    reason: text(row, 'reason'),
  };
}
