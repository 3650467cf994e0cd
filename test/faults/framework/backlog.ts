import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';

/** Expressions by column that differ from the row that is copied; `n` counts the copies from 1. */
type Changes = Readonly<Record<string, string>>;

/**
 * Makes an outage of months: copies the one message that waits, with all that belongs to it, `count` times. Each copy
 * has another specimen, result, control ID and content. The daemon must not run.
 */
export function copyMessage(file: string, count: number): void {
  const db = new DatabaseSync(file);
  try {
    db.function('sha256', { deterministic: true }, (value) =>
      createHash('sha256').update(String(value)).digest('hex'),
    );
    db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN');
    const one = db
      .prepare(
        `SELECT o.id, o.control_id, o.result_key, v.id AS version, v.result_id, v.analysis_id, a.accession
         FROM outbox o JOIN result_versions v ON v.id = o.result_version_id JOIN analyses a ON a.id = v.analysis_id`,
      )
      .get();
    if (one === undefined) throw new Error('no message waits that could be copied');
    const text = (column: string): string => String(one[column]);
    // As long as the ones they stand for, so that each message keeps its size.
    const like = (letter: string, length: number): string =>
      `'${letter}' || substr('00000000000000000000' || n, ${-(length - 1)})`;
    const key = like('K', text('result_key').length);
    const controlId = like('C', text('control_id').length);
    const accession = like('A', text('accession').length);
    const at = (column: string): string =>
      `strftime('%Y-%m-%dT%H:%M:%fZ', ${column}, '-' || (${count} - n) || ' seconds')`;
    const bytes =
      `replace(replace(replace(CAST(bytes AS TEXT), '${text('result_key')}', ${key}), ` +
      `'${text('control_id')}', ${controlId}), '${text('accession')}', ${accession})`;

    const copy = (table: string, where: string, changes: Changes): void => {
      const columns = db.prepare(`SELECT name FROM pragma_table_info('${table}')`).all();
      const names = columns.map(({ name }) => String(name));
      const values = names.map((name) => changes[name] ?? name);
      db.exec(`
        WITH RECURSIVE copies (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < ${count})
        INSERT INTO ${table} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${table}, copies WHERE ${where}`);
    };
    const id = '1000000 + n';
    copy('sightings', `id = (SELECT min(id) FROM sightings)`, {
      ...{ id, path: `CAST('/old/' || n || '.ab1' AS BLOB)`, sha256: `sha256('trace ' || n)` },
    });
    copy('analyses', `id = ${text('analysis_id')}`, {
      ...{ id, sha256: `sha256('trace ' || n)`, injection_key: `'injection ' || n`, accession },
      ...{ file: `n || '.ab1'`, scored_at: at('scored_at') },
    });
    copy('results', `id = ${text('result_id')}`, { id, key, accession, created_at: at('created_at') });
    copy('result_versions', `id = ${text('version')}`, {
      ...{ id, result_id: id, analysis_id: id, decided_at: at('decided_at') },
    });
    copy('outbox', `id = ${text('id')}`, {
      ...{ id, control_id: controlId, result_key: key, result_version_id: id, created_at: at('created_at') },
      bytes_sha256: `(SELECT sha256(${bytes}) FROM messages WHERE outbox_id = ${text('id')})`,
      ...{ next_attempt_at: 'NULL', attempts: '0', last_attempt_at: 'NULL', last_outcome: 'NULL' },
    });
    copy('messages', `outbox_id = ${text('id')}`, { outbox_id: id, bytes: `CAST(${bytes} AS BLOB)` });
    db.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
}
