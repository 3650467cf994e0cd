import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { seconds } from '../framework/stopwatch.ts';
import { traceOf } from '../framework/traces.ts';
import { until } from '../framework/wait.ts';

/** Longer than the quiet time of these cases, so that a file which pauses there has been looked at again. */
const LONGER_THAN_QUIET_MS = 350;

/** As instruments and copying programs write: in pieces, of the final size from the start, under another name first. */
async function inPieces(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  await site.start().ready();
  const at = (name: string): string => join(site.incoming, name);
  const writeSlowly = async (name: string, bytes: Buffer, allocate: boolean): Promise<void> => {
    const file = openSync(at(name), 'w');
    if (allocate) ftruncateSync(file, bytes.length);
    for (let from = 0; from < bytes.length; from += Math.ceil(bytes.length / 6)) {
      writeSync(file, bytes.subarray(from, from + Math.ceil(bytes.length / 6)), 0, null, from);
      await pause(LONGER_THAN_QUIET_MS);
    }
    closeSync(file);
  };
  const renamed = traceOf(20);
  const work = [1, 2, 3].flatMap((number) => {
    const [growing, allocated] = [traceOf(number), traceOf(10 + number)];
    return [
      writeSlowly(growing.file, growing.bytes, false),
      writeSlowly(allocated.file, allocated.bytes, true),
    ];
  });
  writeFileSync(at(`${renamed.file}.tmp`), renamed.bytes.subarray(0, 5000));
  await pause(LONGER_THAN_QUIET_MS);
  appendFileSync(at(`${renamed.file}.tmp`), renamed.bytes.subarray(5000));
  renameSync(at(`${renamed.file}.tmp`), at(renamed.file));
  await Promise.all(work);
  const began = performance.now();
  const verdict = await site.settled();
  expect(verdict.places.acknowledged === 7, `all seven are acknowledged: ${JSON.stringify(verdict.places)}`);
  return {
    injections: 7,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: 'three that grow, three of full size and zeros at first, one renamed from .tmp: none was taken too early',
  };
}

async function again(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  await site.start().ready();
  const [first, second] = site.drop(2);
  if (first === undefined || second === undefined) throw new Error('no traces');
  await site.settled();
  mkdirSync(join(site.incoming, 'copy'));
  copyFileSync(join(site.incoming, first.file), join(site.incoming, 'copy', 'again_A02.ab1'));
  // Another base call of the same raw data: its last bytes are not the raw data's.
  const reanalysed = Buffer.from(second.bytes);
  const called = reanalysed.indexOf('PBAS');
  expect(called > 0, 'the trace has base calls');
  const at = reanalysed.readInt32BE(called + 20);
  reanalysed.write(reanalysed[at] === 0x41 ? 'C' : 'A', at, 'latin1');
  const repeat = traceOf(50).bytes;
  const name = repeat.indexOf('S000050');
  repeat.write(second.sample, name, 'latin1');
  site.put(second.file, reanalysed);
  site.put(`${second.sample}_H12.ab1`, repeat);
  await until(() => site.check().places.held === 2, {
    signal: bench.signal,
    what: 'the re-analysis and the second injection are held',
  });
  const verdict = await site.settled();
  expect(
    verdict.places.acknowledged === 1 || verdict.places.acknowledged === 2,
    JSON.stringify(verdict.places),
  );
  expect(site.lis.received() === 2, `the LIS got the two first ones alone: ${site.lis.received()}`);
  return {
    injections: 3,
    ...judgement(verdict),
    recoveredSeconds: null,
    note: 'a copy gave nothing new; a re-analysis and a second injection of one sample are held, nothing more was sent',
  };
}

/** What is no file, or none of ours, beside one good trace. */
async function strange(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  site.configure({
    watch: {
      folders: [site.incoming],
      ...{ scanSeconds: 0.3, quietSeconds: 0.1, giveUpMinutes: 0.05, maxFileMiB: 1 },
    },
  });
  const at = (name: string): string => join(site.incoming, name);
  for (let n = 1; n <= 8; n += 1) execFileSync('mkfifo', [at(`fifo${n}.ab1`)]);
  const socket = createServer();
  socket.listen(at('socket.ab1'));
  await once(socket, 'listening');
  bench.onEnd(() => socket.close());
  const elsewhere = join(bench.folder(), 'elsewhere.ab1');
  writeFileSync(elsewhere, traceOf(90).bytes);
  symlinkSync(elsewhere, at('link.ab1'));
  symlinkSync(site.incoming, at('loop'));
  mkdirSync(at('folder.ab1'));
  writeFileSync(at('empty.ab1'), '');
  writeFileSync(at('text.ab1'), 'Sample,Cv\n');
  writeFileSync(at('cut.ab1'), traceOf(91).bytes.subarray(0, 20_000));
  writeFileSync(at('huge.ab1'), Buffer.alloc(3 * 2 ** 20, 1));
  const daemon = site.start();
  await daemon.ready();
  site.drop(3);
  const began = performance.now();
  await until(() => site.check().places.acknowledged === 3, {
    signal: bench.signal,
    what: 'the good ones are delivered',
  });
  const recoveredSeconds = seconds(began);
  await until(() => site.check().places.rejected >= 2, {
    signal: bench.signal,
    what: 'the useless ones are rejected',
  });
  await until(() => site.check().pending.length === 0, { signal: bench.signal, what: 'none is forgotten' });
  const { stdout } = await site.command('status');
  for (const name of ['fifo1', 'fifo8', 'socket', 'link', 'folder']) {
    expect(stdout.includes(`${name}.ab1`), `status names ${name}.ab1`);
  }
  expect(
    daemon.log.filter(({ message }) => message.includes('intake process is replaced')).length === 0,
    'no hang',
  );
  return {
    injections: 16,
    ...judgement(await site.settled()),
    recoveredSeconds,
    note: 'eight FIFOs, a socket, two links, a folder, files empty, cut, above the size limit, of text: reported, never followed',
  };
}

async function names(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  await site.start().ready();
  const shiftJis = Buffer.from([0x8e, 0x8e, 0x97, 0xbf, 0x5f, 0x2e, 0x61, 0x62, 0x31]);
  const broken = Buffer.concat([Buffer.from([0xff, 0xfe, 0xc3, 0x28]), Buffer.from('.AB1')]);
  const wished = [shiftJis, broken, Buffer.from('改行\nと 空白 .ab1'), Buffer.from(`${'あ'.repeat(80)}.ab1`)];
  for (const [index, name] of wished.entries()) {
    const draft = join(site.incoming, '.draft');
    writeFileSync(draft, traceOf(index + 1).bytes);
    renameSync(draft, Buffer.concat([Buffer.from(`${site.incoming}/`), name]));
  }
  const began = performance.now();
  // The checker knows names in UTF-8 alone; the receiver tells what became of them.
  await until(() => site.lis.received() === wished.length, {
    signal: bench.signal,
    what: 'all are delivered',
  });
  return {
    injections: wished.length,
    ...{ lost: wished.length - site.lis.received(), duplicated: 0 },
    recoveredSeconds: seconds(began),
    note: 'Shift-JIS, broken UTF-8, a line break, 240 bytes: all scored and acknowledged',
  };
}

/** A share as it is after years; the newest files lie at its far end. */
async function deepTree(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const [years, plates, wells] = [10, 10, bench.long ? 1000 : 200];
  for (let folder = 0; folder < years * plates; folder += 1) {
    const place = join(
      site.incoming,
      `y${folder % years}`,
      `p${Math.floor(folder / years)}`,
      'run',
      'traces',
    );
    mkdirSync(place, { recursive: true });
    // Links to one file: so many names without so many times its bytes.
    const first = join(place, 'w0.ab1');
    writeFileSync(first, traceOf(900_000).bytes);
    for (let well = 1; well < wells; well += 1) linkSync(first, join(place, `w${well}.ab1`));
  }
  const daemon = site.start();
  await daemon.ready();
  await until(async () => (await files()) === years * plates * wells, {
    ...{ signal: bench.signal, seconds: 100, everyMs: 1000 },
    what: 'all old files are known',
  });
  await until(async () => (await waiting()) === 0, {
    ...{ signal: bench.signal, seconds: 200, everyMs: 1000 },
    what: 'all old files are looked at',
  });
  const before = site.lis.received();
  const newest = join(site.incoming, `y${years - 1}`, `p${plates - 1}`, 'run', 'traces', traceOf(5).file);
  const began = performance.now();
  writeFileSync(`${newest}.tmp`, traceOf(5).bytes);
  renameSync(`${newest}.tmp`, newest);
  await until(() => site.lis.received() > before, {
    signal: bench.signal,
    everyMs: 10,
    what: 'a new trace is delivered',
  });
  const latency = seconds(began);
  const { scanMs } = await folder();
  expect(latency < 10, `the new trace is delivered at once: ${latency.toFixed(1)} s`);
  return {
    injections: 1,
    ...{ lost: 0, duplicated: 0 },
    recoveredSeconds: latency,
    note: `a scan of ${years * plates * wells} files in 410 folders took ${((scanMs ?? 0) / 1000).toFixed(2)} s; a new trace among them was acknowledged after ${latency.toFixed(1)} s`,
  };

  async function folder(): Promise<{ files: number; waiting: number; scanMs: number | null }> {
    const { stdout } = await site.command('status', '--json');
    const { state } = JSON.parse(stdout) as {
      state: { folders: { files: number; waiting: number; scanMs: number | null }[] } | null;
    };
    return state?.folders[0] ?? { files: 0, waiting: -1, scanMs: null };
  }
  async function files(): Promise<number> {
    return (await folder()).files;
  }
  async function waiting(): Promise<number> {
    return (await folder()).waiting;
  }
}

/** The system gives out no watch on any folder (fs.inotify.max_user_watches is used up). */
async function noWatches(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const refused = join(site.root, 'refused');
  const daemon = site.start({
    under: [
      ...['strace', '-D', '-f', '-qq', '-o', refused, '-e', 'trace=inotify_add_watch'],
      ...['-e', 'inject=inotify_add_watch:error=ENOSPC'],
    ],
  });
  await daemon.ready();
  site.drop(4);
  const began = performance.now();
  const verdict = await site.settled(60);
  const latency = seconds(began);
  expect(verdict.places.acknowledged === 4, JSON.stringify(verdict.places));
  const refusals = readFileSync(refused, 'utf8').split('ENOSPC').length - 1;
  expect(refusals > 0, 'watches were asked for and refused');
  const tells = async (): Promise<boolean> =>
    (await site.command('status')).stdout.includes('cannot be listened to, scans go on');
  await until(tells, { signal: bench.signal, everyMs: 200, what: 'status says that it cannot listen' });
  return {
    injections: refusals,
    ...judgement(verdict),
    recoveredSeconds: latency,
    note: `${refusals} watches were refused; the scan found all 4, and status says that it cannot listen`,
  };
}

export const fileCases: readonly FaultCase[] = [
  {
    name: 'files: in pieces',
    expected: 'no file is taken before it is finished',
    run: inPieces,
  },
  {
    name: 'files: the same again',
    expected: 'a copy gives one result, a re-analysis and a second injection are held',
    run: again,
  },
  {
    name: 'files: no files, and none of ours',
    expected: 'never opened or followed, reported once, and the good ones do not wait',
    needs: ['mkfifo'],
    run: strange,
  },
  { name: 'files: strange names', expected: 'scored whatever the encoding of the name', run: names },
  {
    name: 'files: no inotify watch left',
    expected: 'the scan finds them all the same, and status says why it has to',
    needs: ['strace'],
    run: noWatches,
  },
  {
    name: 'files: old ones in a deep tree',
    expected: 'the scan keeps its pace and a new trace is found at once (with --long among 100,000)',
    limitSeconds: 400,
    run: deepTree,
  },
];
