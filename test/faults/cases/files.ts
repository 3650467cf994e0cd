import {
  closeSync,
  copyFileSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../checker/database.ts';
import { tell } from '../checker/hl7.ts';
import { createJournalReader } from '../checker/journal.ts';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { sightedPaths } from '../framework/sightings.ts';
import type { Site } from '../framework/site.ts';
import { seconds } from '../framework/stopwatch.ts';
import { traceOf, type Trace } from '../framework/traces.ts';
import { until } from '../framework/wait.ts';

const PIECES = 6;

/** As instruments and copying programs write: in pieces, of the final size from the start, under another name first. */
async function inPieces(bench: Bench): Promise<Measured> {
  const site = await bench.site({ firstTrace: 100 });
  await site.start().ready();
  const growing = [1, 2, 3].map((number) => open(site, traceOf(number)));
  const allocated = [11, 12, 13].map((number) => open(site, traceOf(number)));
  for (const { file, bytes } of allocated) ftruncateSync(file, bytes.length);
  const renamed = traceOf(20);
  const draft = join(site.incoming, `${renamed.file}.tmp`);
  writeFileSync(draft, renamed.bytes);

  const slow = [...growing, ...allocated];
  for (let piece = 0; piece < PIECES; piece += 1) {
    for (const { file, bytes } of slow) {
      const from = piece * Math.ceil(bytes.length / PIECES);
      writeSync(file, bytes.subarray(from, from + Math.ceil(bytes.length / PIECES)), 0, null, from);
    }
    if (piece === PIECES - 1) break;
    // A whole trace that came later is through: the folder has been looked at for longer than the quiet time.
    site.drop(1);
    await until(() => site.check().places.acknowledged > piece, {
      signal: bench.signal,
      what: `the whole trace beside piece ${piece + 1} is acknowledged`,
    });
    const received = site.lis.received();
    expect(received === piece + 1, `nothing is sent but the ${piece + 1} whole traces: ${received}`);
  }
  for (const { file } of slow) closeSync(file);
  renameSync(draft, join(site.incoming, renamed.file));
  const began = performance.now();
  const verdict = await site.settled();
  const { contents, places, gone, rejections } = verdict;
  expect(
    contents === slow.length + PIECES && places.acknowledged === contents,
    `all are acknowledged: ${contents} found, ${JSON.stringify(places)}`,
  );
  const early = Object.values(gone).reduce((sum, count) => sum + count, 0);
  expect(early === 0, `no part of a file was ever scored: ${JSON.stringify(gone)}`);
  expect(rejections === 0, `no part of a file was ever rejected: ${rejections}`);
  return {
    injections: slow.length + 1,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: `three that grow, three of full size and zeros at first, one renamed from .tmp, while ${PIECES - 1} whole ones went through: no part of any was scored or rejected`,
  };
}

function open(site: Site, { file, bytes }: Trace): { readonly file: number; readonly bytes: Buffer } {
  return { file: openSync(join(site.incoming, file), 'w'), bytes };
}

async function again(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const daemon = site.start();
  await daemon.ready();
  const [first, second] = await twoSent(site);
  mkdirSync(join(site.incoming, 'copy'));
  copyFileSync(join(site.incoming, first.file), join(site.incoming, 'copy', 'again_A02.ab1'));
  site.put(second.file, reanalysed(second));
  site.put(`${second.sample}_H12.ab1`, injectedAgain(second, 50));
  await until(() => site.check().places.held === 2, {
    signal: bench.signal,
    what: 'the re-analysis and the second injection are held',
  });
  await until(() => sightedPaths(site.database, sha256(first.bytes)).length === 2, {
    signal: bench.signal,
    what: 'both paths of the copy are known',
  });
  const verdict = await site.settled();
  const { contents, places, gone } = verdict;
  // The trace that was written over is not in the folder any more.
  expect(
    contents === 3 && places.acknowledged === 1 && places.held === 2 && gone.acknowledged === 1,
    `one trace with its copy, the one written over, and two that are held: ${JSON.stringify(verdict)}`,
  );
  expect(site.lis.received() === 2, `the LIS got the two first ones alone: ${site.lis.received()}`);
  const reasons = daemon.log
    .filter(({ message }) => message === 'A result is held for a person')
    .map(({ reasons: codes }) => String(codes))
    .sort();
  expect(
    /^REANALYSED.*,REPEAT_INJECTION/.test(reasons.join(',')) && reasons.length === 2,
    `the log tells of both: ${reasons.join('; ')}`,
  );
  return {
    injections: 3,
    ...judgement(verdict),
    recoveredSeconds: null,
    note: 'after the first ACK: a copy gave nothing new and both its paths are known; a re-analysis and a second injection are held and told in the log, nothing more was sent',
  };
}

/** The laboratory has said which of two counts. */
async function byPolicy(bench: Bench): Promise<Measured> {
  const [first, newest] = await Promise.all(
    (['first', 'newest'] as const).map(async (policy) => {
      const site = await bench.site({ config: { release: { reanalysed: policy, repeatInjection: policy } } });
      await site.start().ready();
      const [one, other] = await twoSent(site);
      site.put(other.file, reanalysed(other));
      site.put(`${one.sample}_H12.ab1`, injectedAgain(one, 50));
      await until(() => site.check().contents === 3 && site.check().pending.length === 0, {
        signal: bench.signal,
        what: `both are scored where the ${policy} one counts`,
      });
      return { verdict: await site.settled(), statuses: statusesIn(site) };
    }),
  );
  if (first === undefined || newest === undefined) throw new Error('two policies');
  expect(
    first.verdict.places['set aside'] === 2 && first.statuses === 'F F',
    `the first one counts: ${JSON.stringify(first)}`,
  );
  // The re-analysis has the value that was told; the other injection has another one.
  expect(
    newest.verdict.places.acknowledged === 3 && newest.statuses === 'F F C',
    `the newest one counts: ${JSON.stringify(newest)}`,
  );
  const [a, b] = [judgement(first.verdict), judgement(newest.verdict)];
  return {
    injections: 4,
    ...{ lost: a.lost + b.lost, duplicated: a.duplicated + b.duplicated, repeats: a.repeats + b.repeats },
    recoveredSeconds: null,
    note: 'first: both are set aside; newest: another value is a correction, the same value says nothing more',
  };
}

/** OBR-25 of each message that the LIS has, in turn. */
function statusesIn(site: Site): string {
  return [...createJournalReader(site.lis.journal)()]
    .flatMap((line) => (line.kind === 'received' ? [tell(line.bytes)?.status ?? ''] : []))
    .join(' ');
}

/** Two traces that were sent and acknowledged. */
async function twoSent(site: Site): Promise<readonly [Trace, Trace]> {
  const [first, second] = site.drop(2);
  if (first === undefined || second === undefined) throw new Error('no traces');
  const { places } = await site.settled();
  expect(places.acknowledged === 2, `both are acknowledged: ${JSON.stringify(places)}`);
  return [first, second];
}

/** Another base call of the same raw data: its last bytes are not the raw data's. */
function reanalysed({ bytes }: Trace): Buffer {
  const changed = Buffer.from(bytes);
  const called = changed.indexOf('PBAS');
  expect(called > 0, 'the trace has base calls');
  const at = changed.readInt32BE(called + 20);
  changed.write(changed[at] === 0x41 ? 'C' : 'A', at, 'latin1');
  return changed;
}

/** Another trace under the same sample's name, injected an hour later. */
function injectedAgain({ sample }: Trace, number: number): Buffer {
  const { sample: own, bytes } = traceOf(number);
  bytes.write(sample, bytes.indexOf(own), 'latin1');
  // RUNT 1, the start: its hour is the first byte of the value, which lies in the directory entry itself.
  const start = bytes.indexOf(Buffer.from([...Buffer.from('RUNT'), 0, 0, 0, 1]));
  expect(start > 0, 'the trace says when it was injected');
  bytes[start + 20] = (bytes[start + 20] ?? 0) + 1;
  return bytes;
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
    name: 'files: the same again, with a policy',
    expected: 'the first or the newest counts, as the configuration says; a new value is a correction',
    run: byPolicy,
  },
];
