import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { mkdirSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { createBlockDevice, type BlockDevice } from '../framework/block-device.ts';
import type { Exchange } from '../framework/receiver.ts';
import type { Site } from '../framework/site.ts';
import { until } from '../framework/wait.ts';
import { createTally, inLanes, recover } from './kill-chain.ts';

const CUTS = 110;
/** After so many cuts everything has to come to rest; then another installation begins, on an empty folder. */
const CHAIN = 5;
const TRACES = 3;

type Moment = (site: Site, cut: () => void, bench: Bench) => Promise<void>;

/** Cuts when the n-th message of this start is at a point of its exchange. */
const atMessage =
  (act: (exchange: Exchange, cut: () => void) => void): Moment =>
  async (site, cut, bench) => {
    const which = Math.floor(bench.random() * TRACES);
    let seen = 0;
    let done = false;
    site.lis.behave((exchange) => {
      if (seen++ === which && !done) {
        done = true;
        act(exchange, cut);
        return;
      }
      if (done) return;
      exchange.commit();
      exchange.answer();
    });
    await until(() => done, {
      signal: bench.signal,
      everyMs: 5,
      what: 'the message comes at which the power is cut',
    });
  };

/** Cuts a random time after the traces appeared, up to when all is usually done. */
const afterAWhile: Moment = async (_site, cut, bench) => {
  const at = performance.now() + 900 * bench.random();
  await until(() => performance.now() >= at, { signal: bench.signal, everyMs: 1, what: 'the time comes' });
  cut();
};

const MOMENTS: readonly Moment[] = [
  afterAWhile,
  atMessage((exchange, cut) => {
    exchange.commit();
    cut();
  }),
  afterAWhile,
  atMessage((exchange, cut) => {
    exchange.commit();
    exchange.answer();
    setImmediate(cut);
  }),
  atMessage((_exchange, cut) => {
    cut();
  }),
];

/** The data folder on a disk of its own; the LIS and the sequencer's share have other power. */
async function run(bench: Bench): Promise<Measured> {
  const tally = createTally();
  const cuts = Array.from({ length: CUTS }, (_, cut) => cut);
  await inLanes(cuts, async (mine) => {
    const disk = createBlockDevice(bench);
    for (let at = 0; at < mine.length; at += CHAIN) {
      const site = await bench.site({ dataDir: join(disk.folder, `data-${at}`) });
      for (const cut of mine.slice(at, at + CHAIN)) {
        await cutDuring(MOMENTS[(cut >> 1) % MOMENTS.length] ?? afterAWhile, site, disk, bench);
        tally.killed();
        const { lost, duplicated } = judgement({ ...site.check({ whole: true }), pending: [] });
        expect(lost + duplicated === 0, 'what was committed is there when the power is back');
      }
      await recover(site, tally);
    }
  });
  return tally.measured('');
}

async function cutDuring(moment: Moment, site: Site, disk: BlockDevice, bench: Bench): Promise<void> {
  const daemon = site.start();
  site.drop(TRACES);
  let isCut = false;
  const cut = (): void => {
    if (isCut) return;
    isCut = true;
    disk.cut();
  };
  // A daemon that is still starting when its disk goes away is as good a moment as any.
  const died = daemon.ended.then(() => {
    if (isCut) return;
    const said = JSON.stringify(daemon.log.at(-1));
    throw new Error(`the daemon ended by itself before the power was cut: ${daemon.stderr()} ${said}`);
  });
  await Promise.race([moment(site, cut, bench), died]);
  cut();
  await daemon.kill(true);
  await disk.powerOn(bench.signal);
  site.lis.behave((exchange) => {
    exchange.commit();
    exchange.answer();
  });
}

const COMMITS = 200;

/** A writer of its own on such a disk: with synchronous=FULL nothing committed may be missing, with OFF something has to. */
async function proveTheCut(bench: Bench): Promise<Measured> {
  const disk = createBlockDevice(bench);
  const kept = new Map<string, number>();
  for (const synchronous of ['FULL', 'OFF']) {
    const folder = join(disk.folder, synchronous);
    mkdirSync(folder);
    const file = join(folder, 'test.db');
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
    injections: 2,
    ...{ lost: 0, duplicated: 0 },
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

export const powerCases: readonly FaultCase[] = [
  {
    name: 'power cut: the cut is one',
    expected:
      'a plain writer keeps every synchronous commit and loses others: the cuts below are worth something',
    needs: ['root', 'python3', 'losetup', 'mkfs.ext4'],
    run: proveTheCut,
  },
  {
    name: 'power cut: at any moment',
    expected:
      'what was committed is still there, what was not is done again under the same message id or never was sent',
    needs: ['root', 'python3', 'losetup', 'mkfs.ext4'],
    limitSeconds: 900,
    run,
  },
];
