import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createChecker, type Verdict } from '../checker/checker.ts';
import { expect, type Bench, type FaultCase } from '../framework/case.ts';
import type { Site } from '../framework/site.ts';

/** Something planted in a copy of a sound site, and where the checker has to see it. */
interface Planted {
  readonly what: string;
  readonly seenAs: (verdict: Verdict) => number;
  plant(copy: { readonly database: DatabaseSync; readonly journal: string; readonly incoming: string }): void;
}

const lost = (verdict: Verdict): number => verdict.lost.length;
const duplicated = (verdict: Verdict): number => verdict.duplicated.length;
const pending = (verdict: Verdict): number => verdict.pending.length;
const problems = (verdict: Verdict): number => verdict.problems.length;

const PLANTED: readonly Planted[] = [
  {
    what: 'a file of which nothing is known',
    seenAs: pending,
    plant: ({ incoming }) => {
      const path = join(incoming, 'S000001_A01.ab1');
      const bytes = readFileSync(path);
      bytes[bytes.length - 1] = 0xff;
      writeFileSync(path, bytes);
    },
  },
  {
    what: 'an analysis that is gone',
    seenAs: pending,
    plant: ({ database }) => database.exec('DELETE FROM analyses WHERE id = 1'),
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
    what: 'a message that counts as delivered and never came',
    seenAs: lost,
    plant: ({ journal }) => writeJournal(journal, (lines) => lines.slice(2)),
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
];

async function run(bench: Bench) {
  const site = await bench.site();
  const daemon = site.start();
  await daemon.ready();
  site.drop(3);
  const sound = await site.settled();
  await daemon.stop();
  expect(sound.places.acknowledged === 3, 'three traces acknowledged before anything is planted');
  expect(count(sound) === 0, `nothing is found where nothing is planted: ${JSON.stringify(sound)}`);

  for (const planted of PLANTED) {
    const verdict = verdictWith(planted, site, bench);
    expect(planted.seenAs(verdict) > 0, `${planted.what} is found: ${JSON.stringify(verdict)}`);
  }
  const repeated = verdictWith(REPEAT, site, bench);
  expect(
    count(repeated) === 0 && repeated.repeats === 1,
    'the same bytes twice are a repeat and no duplicate',
  );
  return {
    injections: PLANTED.length,
    ...{ lost: 0, duplicated: 0 },
    recoveredSeconds: null,
    note: `found all of ${PLANTED.length} planted faults, and nothing where none was planted`,
  };
}

const REPEAT: Planted = {
  what: 'the same bytes twice',
  seenAs: () => 1,
  plant: ({ journal }) => writeJournal(journal, (lines) => [...lines, lines[0] ?? '']),
};

const count = (verdict: Verdict): number =>
  [lost, duplicated, pending, problems].reduce((sum, seen) => sum + seen(verdict), 0);

function verdictWith({ plant }: Planted, site: Site, bench: Bench): Verdict {
  const folder = bench.folder();
  const copy = {
    file: join(folder, 'copy.db'),
    journal: join(folder, 'journal.jsonl'),
    incoming: bench.folder(),
  };
  copyFileSync(site.lis.journal, copy.journal);
  for (const number of [1, 2, 3]) {
    const name = `S00000${number}_A01.ab1`;
    copyFileSync(join(site.incoming, name), join(copy.incoming, name));
  }
  copyFileSync(site.database, copy.file);
  const database = new DatabaseSync(copy.file, { enableForeignKeyConstraints: false });
  dropTriggers(database);
  plant({ database, journal: copy.journal, incoming: copy.incoming });
  database.close();
  const checker = createChecker({
    folders: [copy.incoming],
    database: copy.file,
    journals: { main: copy.journal },
  });
  return checker.check({ whole: false });
}

/** The database's own guards would not let the faults be planted. */
function dropTriggers(database: DatabaseSync): void {
  for (const row of database.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all()) {
    database.exec(`DROP TRIGGER "${String(row['name'])}"`);
  }
}

function writeJournal(path: string, change: (lines: string[]) => string[]): void {
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  writeFileSync(path, `${change(lines).join('\n')}\n`);
}

/** A received line with its message changed. */
function changed(line: string | undefined, what: RegExp | string, into: string): string {
  const entry = JSON.parse(line ?? '') as { bytes: string };
  const text = Buffer.from(entry.bytes, 'base64').toString('latin1');
  const other = text.replace(what, into);
  if (other === text) throw new Error(`nothing to change: ${text}`);
  return JSON.stringify({ ...entry, bytes: Buffer.from(other, 'latin1').toString('base64') });
}

export const checkerCases: readonly FaultCase[] = [
  {
    name: 'checker: planted faults',
    expected: 'the checker finds every planted loss and duplicate, and nothing where nothing is planted',
    run,
  },
];
