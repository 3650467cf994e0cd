import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import type { Verdict } from '../checker/checker.ts';
import { addVersion, changed, damageIndex, hold, reject, writeJournal } from '../framework/tamper.ts';

/** A copy of a sound site with three traces, S000001 to S000003, all acknowledged. */
export interface Copy {
  readonly file: string;
  /** The same, open and without its guards; may be closed by who plants. */
  readonly database: DatabaseSync;
  readonly journal: string;
  readonly alarms: string;
  readonly incoming: string;
}

/** Something planted in a copy, and where the checker has to see it. */
interface Planted {
  readonly what: string;
  readonly seenAs: (verdict: Verdict) => number;
  plant(copy: Copy): void;
}

/** What looks like a fault and is none. */
interface Harmless {
  readonly what: string;
  readonly isRight: (verdict: Verdict) => boolean;
  plant(copy: Copy): void;
}

const lost = (verdict: Verdict): number => verdict.lost.length;
const duplicated = (verdict: Verdict): number => verdict.duplicated.length;
const pending = (verdict: Verdict): number => verdict.pending.length;
const problems = (verdict: Verdict): number => verdict.problems.length;
const untold = (verdict: Verdict): number => verdict.untold.length;

/** All that the checker finds. */
export const findings = (verdict: Verdict): number =>
  [lost, duplicated, pending, problems, untold].reduce((sum, seen) => sum + seen(verdict), 0);

const TRACE = 'S000001_A01.ab1';
const OTHER_VALUE = "json_set(risk, '$.cv', 0.123)";

const forget = (database: DatabaseSync): void =>
  database.exec(`DELETE FROM analyses WHERE file = '${TRACE}'`);

export const PLANTED: readonly Planted[] = [
  {
    what: 'a file of which nothing is known',
    seenAs: pending,
    plant: ({ incoming }) => {
      const path = join(incoming, TRACE);
      const bytes = readFileSync(path);
      bytes[bytes.length - 1] = 0xff;
      writeFileSync(path, bytes);
    },
  },
  { what: 'an analysis that is gone', seenAs: pending, plant: ({ database }) => forget(database) },
  {
    what: 'a file that was rejected once, before it was what it is now',
    seenAs: pending,
    plant: ({ database, incoming }) => {
      forget(database);
      const path = join(incoming, TRACE);
      reject(database, path, { size: statSync(path, { bigint: true }).size, mtimeNs: 0n });
    },
  },
  {
    what: 'a file of the same name, size and time as one that was rejected elsewhere',
    seenAs: pending,
    plant: ({ database, incoming }) => {
      forget(database);
      reject(database, join('/elsewhere', TRACE), statSync(join(incoming, TRACE), { bigint: true }));
    },
  },
  {
    what: 'a result version that is gone',
    seenAs: lost,
    plant: ({ database }) => database.exec('DELETE FROM result_versions WHERE id = 1'),
  },
  {
    what: 'a message that is gone',
    seenAs: lost,
    plant: ({ database }) =>
      database.exec('DELETE FROM messages WHERE outbox_id = 1; DELETE FROM outbox WHERE id = 1'),
  },
  {
    what: 'a correction without a message',
    seenAs: lost,
    plant: ({ database }) => addVersion(database, { report_status: "'C'" }),
  },
  {
    what: 'another value without a message',
    seenAs: lost,
    plant: ({ database }) => addVersion(database, { risk: OTHER_VALUE }),
  },
  {
    what: 'a final report without a message, after a preliminary one',
    seenAs: lost,
    plant: ({ database }) => {
      database.exec("UPDATE result_versions SET report_status = 'P' WHERE id = 1");
      addVersion(database, { report_status: "'F'" });
    },
  },
  {
    what: 'a correction without a message, below a version that is held',
    seenAs: lost,
    plant: ({ database }) => {
      addVersion(database, { report_status: "'C'", risk: OTHER_VALUE });
      addVersion(database, { disposition: "'held'", ...NOT_REPORTED, reasons: `'[{"code":"DELTA"}]'` });
    },
  },
  {
    what: 'a result that was withdrawn without a message',
    seenAs: lost,
    plant: ({ database }) =>
      addVersion(database, {
        ...{ disposition: "'rejected'", report_status: "'X'" },
        reasons: `'[{"code":"REJECTED"}]'`,
      }),
  },
  {
    what: 'a message that counts as delivered and never came',
    seenAs: lost,
    plant: ({ journal }) => writeJournal(journal, (lines) => lines.slice(2)),
  },
  {
    what: 'a message that counts as delivered and never came, about a trace whose file is gone',
    seenAs: lost,
    plant: ({ journal, incoming }) => {
      rmSync(incoming, { recursive: true });
      writeJournal(journal, (lines) => lines.slice(2));
    },
  },
  {
    what: 'a message that counts as delivered and came with other bytes',
    seenAs: lost,
    plant: ({ journal }) =>
      writeJournal(journal, ([first, ...rest]) => [changed(first, 'CV^', 'CW^'), ...rest]),
  },
  {
    what: 'a message that counts as delivered and was never accepted',
    seenAs: lost,
    plant: ({ journal }) =>
      writeJournal(journal, (lines) => lines.map((line) => line.replace('"AA"', '"AE"'))),
  },
  {
    what: 'a queued message whose bytes have changed',
    seenAs: lost,
    plant: ({ database }) =>
      database.exec(`
        UPDATE outbox SET state = 'queued', finished_at = NULL WHERE id = 1;
        UPDATE messages SET bytes = CAST(replace(bytes, 'OBX|1', 'OBX|2') AS BLOB) WHERE outbox_id = 1`),
  },
  {
    what: 'a held result without a reason',
    seenAs: lost,
    plant: ({ database }) =>
      database.exec(
        "UPDATE result_versions SET disposition = 'held', report_status = NULL, reported_at = NULL, reasons = '[]' WHERE id = 1",
      ),
  },
  { what: 'a held message of which no alarm tells', seenAs: untold, plant: ({ database }) => hold(database) },
  {
    what: 'a message that came again under a new MSH-10',
    seenAs: duplicated,
    plant: ({ journal }) => writeJournal(journal, (lines) => [...lines, changed(lines[0], /\|RD\d/, '|RX9')]),
  },
  {
    what: 'a message that came again under a new OBR-3',
    seenAs: duplicated,
    plant: ({ journal }) =>
      writeJournal(journal, (lines) => [
        ...lines,
        changed(lines[0], /(OBR\|1\|[^|]*\|)[^^|]*/, '$1RX0000000001'),
      ]),
  },
  {
    what: 'other bytes under one MSH-10',
    seenAs: duplicated,
    plant: ({ journal }) => writeJournal(journal, (lines) => [...lines, changed(lines[0], 'CV^', 'CW^')]),
  },
  {
    what: 'a second message for one result version, still queued',
    seenAs: duplicated,
    plant: ({ database }) =>
      database.exec(`
        INSERT INTO outbox (control_id, destination, result_key, result_version_id, bytes_sha256, created_at)
          SELECT 'RX1', destination, result_key, result_version_id, bytes_sha256, created_at FROM outbox WHERE id = 1;
        INSERT INTO messages SELECT (SELECT max(id) FROM outbox), bytes FROM messages WHERE outbox_id = 1`),
  },
  {
    what: 'a message that the LIS has and the database forgot',
    seenAs: problems,
    plant: ({ database }) => database.exec("UPDATE outbox SET control_id = 'RX1' WHERE id = 1"),
  },
  {
    what: 'a damaged index',
    seenAs: problems,
    plant: ({ database, file }) => damageIndex(database, file, 'analyses_scored_at'),
  },
  {
    what: 'a row that refers to nothing',
    seenAs: problems,
    plant: ({ database }) => database.exec("INSERT INTO pictures VALUES (999, x'00', '')"),
  },
];

const NOT_REPORTED = { report_status: 'NULL', reported_at: 'NULL' };

export const HARMLESS: readonly Harmless[] = [
  { what: 'nothing at all', isRight: ({ places }) => places.acknowledged === 3, plant: () => undefined },
  {
    what: 'the same bytes twice',
    isRight: ({ places, repeats }) => places.acknowledged === 3 && repeats === 1,
    plant: ({ journal }) => writeJournal(journal, (lines) => [...lines, lines[0] ?? '']),
  },
  {
    what: 'a version that says nothing new',
    isRight: ({ places }) => places.acknowledged === 3,
    plant: ({ database }) => addVersion(database, {}),
  },
  {
    what: 'a file that was rejected as it lies there',
    isRight: ({ places, rejections }) => places.rejected === 1 && rejections === 1,
    plant: ({ database, incoming }) => {
      const path = join(incoming, 'useless.ab1');
      writeFileSync(path, 'useless');
      reject(database, path, statSync(path, { bigint: true }));
    },
  },
  {
    what: 'a held message of which an alarm tells',
    isRight: ({ places }) => places.held === 1,
    plant: ({ database, alarms }) => {
      hold(database);
      writeFileSync(alarms, JSON.stringify({ episodes: [{ key: 'held:main', ended: null }] }));
    },
  },
  {
    what: 'a trace whose file is gone',
    isRight: ({ places, gone }) => places.acknowledged === 2 && gone.acknowledged === 1,
    plant: ({ incoming }) => rmSync(join(incoming, TRACE)),
  },
];
