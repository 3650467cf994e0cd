import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { sha256 } from '../checker/database.ts';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { sightedPaths } from '../framework/sightings.ts';
import type { Site } from '../framework/site.ts';
import { seconds } from '../framework/stopwatch.ts';
import { traceOf } from '../framework/traces.ts';
import { until } from '../framework/wait.ts';

const FIFOS = 8;
/** Never opened. */
const NO_FILES = [...Array.from({ length: FIFOS }, (_, n) => `fifo${n}.ab1`), 'socket.ab1', 'folder.ab1'];
/** Never followed. */
const LINKS = ['link.ab1', 'loop'];
/** Read or not, and of no use: they are rejected with an alarm each. */
const USELESS = ['empty.ab1', 'huge.ab1'];

/** What is no file, or none of ours, beside three good traces. */
async function strange(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  site.configure({
    watch: {
      folders: [site.incoming],
      ...{ scanSeconds: 0.3, quietSeconds: 0.1, giveUpMinutes: 0.05, maxFileMiB: 1 },
    },
  });
  const at = (name: string): string => join(site.incoming, name);
  for (let n = 0; n < FIFOS; n += 1) execFileSync('mkfifo', [at(`fifo${n}.ab1`)]);
  const socket = createServer();
  socket.listen(at('socket.ab1'));
  await once(socket, 'listening');
  bench.onEnd(() => socket.close());
  const outside = traceOf(90);
  const elsewhere = join(bench.folder(), outside.file);
  writeFileSync(elsewhere, outside.bytes);
  symlinkSync(elsewhere, at('link.ab1'));
  symlinkSync(bench.folder(), at('loop'));
  mkdirSync(at('folder.ab1'));
  writeFileSync(at('empty.ab1'), '');
  writeFileSync(at('text.ab1'), 'Sample,Cv\n');
  writeFileSync(at('cut.ab1'), traceOf(91).bytes.subarray(0, 20_000));
  writeFileSync(at('huge.ab1'), Buffer.alloc(3 * 2 ** 20, 1));
  const daemon = site.start();
  await daemon.ready();
  const good = [...site.drop(3)];
  const began = performance.now();
  await until(() => site.check().places.acknowledged === good.length, {
    signal: bench.signal,
    what: 'the good ones are delivered',
  });
  const recoveredSeconds = seconds(began);
  await until(() => site.check().pending.length === 0, { signal: bench.signal, what: 'none is forgotten' });
  // Found by a later scan, which passes over all of this again.
  good.push(...site.drop(1));
  const verdict = await site.settled();
  const { places, rejections } = verdict;
  expect(
    places.acknowledged === good.length && places.held === 2 && places.rejected === USELESS.length,
    `what cannot be scored is held, what cannot be read is rejected: ${JSON.stringify(places)}`,
  );
  const alarms = daemon.log.filter(
    ({ alert, event }) => String(alert).startsWith('file:') && event === 'raised',
  );
  expect(
    rejections === USELESS.length && alarms.length === USELESS.length,
    `each useless one is rejected once, with one alarm: ${rejections} rejections, ${alarms.length} alarms`,
  );
  await expectComplaints(site, bench, [...NO_FILES, ...LINKS, ...USELESS]);
  expectNeverTouched(site, [...NO_FILES, ...LINKS]);
  expect(site.lis.received() === good.length, `the good ones alone are sent: ${site.lis.received()}`);
  expect(
    sightedPaths(site.database, sha256(outside.bytes)).length === 0,
    'what a link leads to is never read',
  );
  expect(
    daemon.log.filter(({ message }) => message.includes('intake process is replaced')).length === 0,
    'no hang',
  );
  return {
    injections: NO_FILES.length + LINKS.length + USELESS.length + places.held,
    ...judgement(verdict),
    recoveredSeconds,
    note: `${FIFOS} FIFOs, a socket, a folder and two links: told once each, none ever read; empty and too large: rejected with one alarm each; cut and text: held`,
  };
}

/** `status` tells of each of them, and tells it once. */
async function expectComplaints(site: Site, bench: Bench, names: readonly string[]): Promise<void> {
  const look = async (): Promise<readonly string[]> => {
    const { stdout } = await site.command('status', '--json');
    const { state } = JSON.parse(stdout) as { state: { complaints: readonly { path: string }[] } | null };
    return state?.complaints.map(({ path }) => path.split('/').at(-1) ?? '') ?? [];
  };
  const told = await until(
    async () => {
      const complaints = await look();
      return names.every((name) => complaints.includes(name)) ? complaints : null;
    },
    { signal: bench.signal, everyMs: 200, what: `status tells of ${names.join(', ')}` },
  );
  for (const name of names) {
    const times = told.filter((one) => one === name).length;
    expect(times === 1, `${name} is told of once, not ${times} times`);
  }
}

function expectNeverTouched(site: Site, names: readonly string[]): void {
  const touched = sightedPaths(site.database)
    .map((path) => path.toString())
    .filter((path) => names.some((name) => path.startsWith(join(site.incoming, name))));
  expect(touched.length === 0, `never taken for a file: ${touched.join(', ')}`);
}

/** A file that the service may not read; root may, so its daemon gives that right away. */
async function unreadable(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const [trace] = site.drop(1);
  if (trace === undefined) throw new Error('no trace');
  chmodSync(join(site.incoming, trace.file), 0);
  const daemon = site.start({ under: ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] });
  await daemon.ready();
  site.drop(3);
  await until(() => site.check().places.acknowledged === 3, {
    signal: bench.signal,
    what: 'the others do not wait for it',
  });
  await until(async () => (await site.command('status')).stdout.includes('cannot be read: EACCES'), {
    ...{ signal: bench.signal, everyMs: 200 },
    what: 'status says why it is not read',
  });
  expect(site.check().rejections === 0 && site.lis.received() === 3, 'it is not rejected, and waits');
  await expectComplaints(site, bench, [trace.file]);
  chmodSync(join(site.incoming, trace.file), 0o644);
  const began = performance.now();
  const verdict = await site.settled(60);
  expect(verdict.places.acknowledged === 4, JSON.stringify(verdict.places));
  return {
    injections: 1,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: 'EACCES: told once by status, the others flow; taken once it may be read',
  };
}

async function names(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  await site.start().ready();
  const shiftJis = Buffer.from([0x8e, 0x8e, 0x97, 0xbf, 0x5f, 0x2e, 0x61, 0x62, 0x31]);
  const broken = Buffer.concat([Buffer.from([0xff, 0xfe, 0xc3, 0x28]), Buffer.from('.AB1')]);
  const folder = Buffer.from(`${site.incoming}/`);
  const wished = [
    shiftJis,
    broken,
    Buffer.from('改行\nと 空白 .ab1'),
    Buffer.from(`${'あ'.repeat(80)}.ab1`),
  ].map((name) => Buffer.concat([folder, name]));
  for (const [index, path] of wished.entries()) {
    const draft = join(site.incoming, '.draft');
    writeFileSync(draft, traceOf(index + 1).bytes);
    renameSync(draft, path);
  }
  const began = performance.now();
  const verdict = await site.settled();
  const { contents, places } = verdict;
  expect(
    contents === wished.length && places.acknowledged === wished.length,
    `all are acknowledged: ${contents} found, ${JSON.stringify(places)}`,
  );
  const known = sightedPaths(site.database);
  expect(
    wished.every((path) => known.some((one) => one.equals(path))),
    'each is known by the bytes of its name',
  );
  return {
    injections: wished.length,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: 'Shift-JIS, broken UTF-8, a line break, 244 bytes: all scored and acknowledged',
  };
}

export const strangeFileCases: readonly FaultCase[] = [
  {
    name: 'files: no files, and none of ours',
    expected: 'never opened or followed, reported once, and the good ones do not wait',
    needs: ['mkfifo'],
    run: strange,
  },
  {
    name: 'files: one that may not be read',
    expected: 'told once, the others do not wait, and it is taken when it may be read',
    needs: ['root', 'setpriv'],
    run: unreadable,
  },
  { name: 'files: strange names', expected: 'scored whatever the encoding of the name', run: names },
];
