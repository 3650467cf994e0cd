import {
  appendFileSync,
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
import { setTimeout as pause } from 'node:timers/promises';
import { sha256 } from '../checker/database.ts';
import { tell } from '../checker/hl7.ts';
import { createJournalReader } from '../checker/journal.ts';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { sightedPaths } from '../framework/sightings.ts';
import type { Site } from '../framework/site.ts';
import { seconds } from '../framework/stopwatch.ts';
import { traceOf, type Trace } from '../framework/traces.ts';
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
  const { places, gone, rejections } = verdict;
  expect(places.acknowledged === 7, `all seven are acknowledged: ${JSON.stringify(places)}`);
  const early = Object.values(gone).reduce((sum, count) => sum + count, 0);
  expect(early === 0, `no part of a file was ever scored: ${JSON.stringify(gone)}`);
  expect(rejections === 0, `no part of a file was ever rejected: ${rejections}`);
  return {
    injections: 7,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: 'three that grow, three of full size and zeros at first, one renamed from .tmp: no part of any was scored or rejected',
  };
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

/** Another trace under the same sample's name. */
function injectedAgain({ sample }: Trace, number: number): Buffer {
  const { sample: own, bytes } = traceOf(number);
  bytes.write(sample, bytes.indexOf(own), 'latin1');
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
