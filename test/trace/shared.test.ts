import { readdirSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { readTrace } from '../../src/trace/read.ts';
import { hasShared, shared, sharedTraces } from './files.ts';

interface Expected {
  readonly file: string;
  readonly expected: string;
}

/** What `expected.csv` asks for, as a test of what the reader made of the file. */
function agrees(expected: string, outcome: ReturnType<typeof readTrace>): boolean {
  switch (expected) {
    case 'accept':
    case 'accept, channels remapped':
    case 'accept, first wins':
    case 'accept, name cut to element':
      return outcome.ok;
    case 'accept, no run date':
      return outcome.ok && outcome.trace.origin.startedAt === null;
    case 'accept-or-retry':
      return outcome.ok || !outcome.complete;
    case 'accept via PLOC1 or reject-qc':
      return outcome.ok || outcome.complete;
    case 'retry-then-reject':
      return !outcome.ok && !outcome.complete && outcome.reason.code === 'INCOMPLETE_FILE';
    case 'reject':
      return !outcome.ok;
    case 'reject-qc':
    case 'reject-qc or clamp':
      return !outcome.ok && outcome.complete && outcome.reason.code !== 'INCOMPLETE_FILE';
    default:
      return false;
  }
}

describe.skipIf(!hasShared)('shared traces (skipped where ../shared is absent)', () => {
  const damaged = hasShared
    ? parse<Expected>(shared('damaged/expected.csv').toString('utf8'), { columns: true })
    : [];

  test.each(damaged)('$file: $expected', ({ file, expected }) => {
    const outcome = readTrace(shared(`damaged/${file}`));
    const said = outcome.ok ? 'accepted' : `${outcome.reason.code}, complete ${outcome.complete}`;
    expect(agrees(expected, outcome), `${file} was ${said}`).toBe(true);
  });

  test('there are 66 damaged files, none left out', () => {
    const files = readdirSync(new URL('damaged/', sharedTraces)).filter((name) => name.endsWith('.ab1'));
    expect(damaged.map(({ file }) => file).sort()).toEqual(files.sort());
    expect(files).toHaveLength(66);
  });

  test.each(['3500', '3730'])('%s: FWO_ in another order swaps A and T of the same signal', (model) => {
    const usual = readTrace(shared(`damaged/${model}_ok.ab1`));
    const other = readTrace(shared(`damaged/${model}_FWO_GTAC.ab1`));
    if (!usual.ok || !other.ok) throw new Error('not read');
    const [a, c, g, t] = usual.trace.channels;
    expect(other.trace.channels).toEqual([t, c, g, a]);
  });

  test.each(['3500', '3730'])('%s: behind a MacBinary header reads the same', (model) => {
    expect(readTrace(shared(`damaged/${model}_macbinary.ab1`))).toEqual(
      readTrace(shared(`damaged/${model}_ok.ab1`)),
    );
  });

  test('every real capillary trace is read; every other file is refused for what it is', () => {
    const refused: Record<string, string> = {};
    let read = 0;
    for (const name of readdirSync(new URL('real/', sharedTraces))) {
      if (name.endsWith('.csv')) continue;
      const outcome = readTrace(shared(`real/${name}`));
      if (!outcome.ok) {
        refused[name] = outcome.reason.code;
        continue;
      }
      read++;
      expect(outcome.trace.calls.length, name).toBe(outcome.trace.peaks.length);
      expect(outcome.trace.rawMaximum, name).toBeGreaterThan(0);
    }
    expect(read).toBe(72);
    expect(refused).toEqual({
      'Tests_Abi_test.fsa': 'NO_PROCESSED_SIGNAL',
      'tests_fixtures_raw-no-basecalls.ab1': 'NO_PROCESSED_SIGNAL',
      'fixtures_ab1_synth-small-500bp.ab1': 'NOT_CAPILLARY',
      'fixtures_large_synth-large-3kbp.ab1': 'NOT_CAPILLARY',
      'fixtures_large_synth-longread-5kbp.ab1': 'NOT_CAPILLARY',
      'fixtures_large_synth-lowq-800bp.ab1': 'NOT_CAPILLARY',
      'packages_opencloning-db_src_opencloning_db_init_db_sequencing_data_TN9W63_1_pREX0008.ab1':
        'NOT_CAPILLARY',
    });
  });

  test('every mixture is read', () => {
    for (const name of readdirSync(new URL('mixtures/', sharedTraces))) {
      if (name.endsWith('.ab1'))
        expect(readTrace(shared(`mixtures/${name}`)), name).toMatchObject({ ok: true });
    }
  });

  test('cutting or zeroing a real file anywhere never throws', () => {
    const bytes = shared('real/tests_hetero.ab1');
    for (let i = 0; i <= 200; i++) {
      const at = Math.floor((bytes.length * i) / 200);
      readTrace(bytes.subarray(0, at));
      const zeroed = Buffer.from(bytes).fill(0, at);
      // Zeros over values alone cannot be told from zeros in them; over the directory they can.
      if (at < bytes.readInt32BE(26)) expect(readTrace(zeroed)).toMatchObject({ ok: false, complete: false });
    }
  });
});
