import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { createBlockDevice } from '../framework/block-device.ts';
import { until } from '../framework/wait.ts';

const COMMITS = 200;

/** A writer of its own on such a disk: with synchronous=FULL nothing committed may be missing, with OFF something has to. */
async function proveTheCut(bench: Bench): Promise<Measured> {
  const disk = createBlockDevice(bench);
  const kept = new Map<string, number>();
  for (const synchronous of ['FULL', 'OFF']) {
    const file = join(disk.makeFolder(synchronous), 'test.db');
    const writer = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '-e', WRITER, file, synchronous],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    bench.onEnd(() => writer.kill('SIGKILL'));
    await until(() => writer.stdout.read() !== null, { signal: bench.signal, what: 'the writer is done' });
    disk.cut();
    writer.kill('SIGKILL');
    await once(writer, 'exit');
    await disk.powerOn(bench.signal);
    kept.set(synchronous, rowsIn(file));
  }
  const [full = 0, off = 0] = [kept.get('FULL'), kept.get('OFF')];
  expect(full === COMMITS, `all of ${COMMITS} synchronous commits outlive the cut, not ${full}`);
  expect(off < COMMITS, 'a cut takes commits away that were not synchronous');
  return {
    ...{ injections: kept.size, powerCuts: kept.size, lost: 0, duplicated: 0 },
    recoveredSeconds: null,
    note: `of ${COMMITS} commits by a plain writer, ${full} were left with synchronous=FULL, ${off} with OFF`,
  };
}

const WRITER = `
const { DatabaseSync } = require('node:sqlite');
const [file, synchronous] = process.argv.slice(1);
const db = new DatabaseSync(file);
db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY)');
db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
db.exec('PRAGMA synchronous = ' + synchronous);
require('node:child_process').execFileSync('sync');
for (let id = 0; id < ${COMMITS}; id += 1) db.exec('INSERT INTO t DEFAULT VALUES');
process.stdout.write('done');
setInterval(() => {}, 1000);
`;

function rowsIn(file: string): number {
  if (!existsSync(file)) return 0;
  const db = new DatabaseSync(file);
  try {
    return Number(db.prepare('SELECT count(*) AS rows FROM t').get()?.['rows']);
  } finally {
    db.close();
  }
}

export const powerProofCases: readonly FaultCase[] = [
  {
    name: 'power cut: the cut is one',
    expected:
      'a plain writer keeps every synchronous commit and loses others: the cuts below are worth something',
    needs: ['root', 'python3', 'losetup', 'mkfs.ext4'],
    run: proveTheCut,
  },
];
