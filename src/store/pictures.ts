import type { DatabaseSync } from 'node:sqlite';

/** Pictures of analyses, as PNG; only where a destination wants them in its messages. */
export interface Pictures {
  add(analysisId: number, png: Uint8Array, at: Date): void;
  of(analysisId: number): Uint8Array | null;
  /** Removes at most `most` of those that are older; returns how many. */
  removeBefore(time: Date, most: number): number;
}

export function createPictures(db: DatabaseSync): Pictures {
  const add = db.prepare('INSERT INTO pictures (analysis_id, png, added_at) VALUES (?, ?, ?)');
  const of = db.prepare('SELECT png FROM pictures WHERE analysis_id = ?');
  const remove = db.prepare(
    'DELETE FROM pictures WHERE analysis_id IN (SELECT analysis_id FROM pictures WHERE added_at < ? LIMIT ?)',
  );
  return {
    add(analysisId, png, at) {
      add.run(analysisId, png, at.toISOString());
    },
    of(analysisId) {
      const png = of.get(analysisId)?.['png'];
      return png instanceof Uint8Array ? png : null;
    },
    removeBefore: (time, most) => Number(remove.run(time.toISOString(), most).changes),
  };
}
