import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTrace } from '../../src/trace/read.ts';
import type { ReadOutcome } from '../../src/trace/read.ts';
import { injectionKey } from '../../src/trace/trace.ts';
import type { Trace } from '../../src/trace/trace.ts';
import {
  bytesTag,
  chars,
  date,
  float,
  longs,
  pString,
  shorts,
  writeAbif,
} from '../../src/trace/write-abif.ts';
import { plainTags, trace } from './files.ts';

function read(bytes: Uint8Array): Trace {
  const outcome = readTrace(bytes);
  if (!outcome.ok) throw new Error(`${outcome.reason.code}: ${outcome.reason.detail}`);
  return outcome.trace;
}

function refusal(bytes: Uint8Array): Extract<ReadOutcome, { ok: false }> {
  const outcome = readTrace(bytes);
  if (outcome.ok) throw new Error('was read');
  return outcome;
}

const heights = (of: Trace) => of.channels.map((channel) => channel[0]);

describe('a whole file', () => {
  test('gives signal in A, C, G, T order, calls, positions and origin', () => {
    const whole = read(trace());
    expect(heights(whole)).toEqual([100, 200, 300, 400]);
    expect(whole.points).toBe(60);
    expect(whole.calls).toBe('ACGN');
    expect([...whole.peaks]).toEqual([7, 19, 31, 43]);
    expect(whole.rawMaximum).toBe(9000);
    expect(whole.signalToNoise).toEqual([1, 2, 3, 4]);
    expect(whole.spacing).toBe(12.25);
    expect(whole.origin).toEqual({
      sample: 'S25-000123',
      run: 'Run_2025-01-06',
      injection: null,
      well: 'A01',
      plate: 'PLATE-1',
      lane: 7,
      startedAt: '2025-01-06T09:05:59',
      endedAt: null,
      model: '3500',
      serial: '123-45',
      rawDigest: whole.origin.rawDigest,
    });
    expect(whole.origin.rawDigest).toMatch(/^[0-9a-f]{16}$/);
  });

  test('behind a MacBinary header reads the same', () => {
    const mac = Buffer.concat([Buffer.alloc(128), trace()]);
    expect(read(mac)).toEqual(read(trace()));
  });

  test('at an odd place in a larger buffer reads the same', () => {
    const larger = Buffer.concat([Buffer.of(1), trace(), Buffer.alloc(9)]);
    expect(read(larger.subarray(1))).toEqual(read(trace()));
  });

  test('is not changed by being read', () => {
    const bytes = trace();
    const before = Buffer.from(bytes);
    read(bytes);
    expect(before.equals(bytes)).toBe(true);
  });

  test('without the padding of its directory is still read', () => {
    const padding = (32 - plainTags.length) * 28;
    expect(read(trace().subarray(0, trace().length - padding)).calls).toBe('ACGN');
  });
});

describe('channels', () => {
  test('follow FWO_, whatever its order', () => {
    expect(heights(read(trace({ tags: [chars('FWO_', 1, 'GTAC')] })))).toEqual([400, 200, 300, 100]);
    expect(read(trace({ tags: [chars('FWO_', 1, 'ACGT')] })).signalToNoise).toEqual([3, 1, 4, 2]);
  });

  test.each(['GAT', 'GATT', 'GATN', 'GATCA'])(
    'are refused when FWO_ is %s, and the message names it',
    (order) => {
      const { reason, complete } = refusal(trace({ tags: [chars('FWO_', 1, order)] }));
      expect(reason.code).toBe('NO_PROCESSED_SIGNAL');
      expect(reason.detail).toContain(`"${order}"`);
      expect(complete).toBe(true);
    },
  );

  test('are refused when one is missing, of another length, or empty', () => {
    expect(refusal(trace({ without: ['DATA11'] })).reason.detail).toContain('DATA11 is missing');
    expect(refusal(trace({ tags: [shorts('DATA', 11, [1, 2, 3])] })).reason.detail).toContain('DATA11 3');
    const empty = [9, 10, 11, 12].map((number) => shorts('DATA', number, []));
    expect(refusal(trace({ tags: empty })).reason.code).toBe('NO_PROCESSED_SIGNAL');
  });

  test('of four-byte elements are read, and values beyond 16 bits clamped', () => {
    const wide = longs('DATA', 9, [70000, -70000, ...new Array<number>(58).fill(300)]);
    expect([...read(trace({ tags: [wide] })).channels[2].subarray(0, 3)]).toEqual([32767, -32768, 300]);
  });

  test.each([
    ['element size 0', 10, 0],
    ['element size 60', 10, 60],
    ['count 0', 14, 0],
    ['a count of more than the value holds', 12, 1],
  ])('with %s in the entry are read by type and length', (_, field, value) => {
    const bytes = Buffer.from(trace());
    const entry = bytes.indexOf('DATA\0\0\0\x09', bytes.readInt32BE(26), 'latin1');
    bytes.writeInt16BE(value, entry + field);
    expect(heights(read(bytes))).toEqual([100, 200, 300, 400]);
  });

  test('come from the first of duplicate tags', () => {
    const second = shorts('DATA', 9, new Array(60).fill(-1));
    expect(heights(read(writeAbif([...plainTags, second])))).toEqual([100, 200, 300, 400]);
  });
});

describe('raw maximum', () => {
  test('is taken inside the analysed region', () => {
    const region = [shorts('ASPt', 1, [1]), shorts('AEPt', 1, [3])];
    expect(read(trace({ tags: region })).rawMaximum).toBe(700);
  });

  test('is taken everywhere when the region makes no sense', () => {
    const region = [shorts('ASPt', 1, [3]), shorts('AEPt', 1, [-1])];
    expect(read(trace({ tags: region })).rawMaximum).toBe(9000);
  });

  test('is unknown without raw data', () => {
    expect(read(trace({ without: ['DATA1'] })).rawMaximum).toBeNull();
  });

  test('agrees with a plain search of any raw data', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -32768, max: 32767 }), { minLength: 1 }), (raw) => {
        expect(read(trace({ tags: [shorts('DATA', 1, raw)] })).rawMaximum).toBe(Math.max(...raw));
      }),
    );
  });
});

describe('base calls', () => {
  test('come from edition 1 where there is no edition 2', () => {
    const first = read(trace({ without: ['PBAS2', 'PLOC2'] }));
    expect(first.calls).toBe('ACGT');
    expect([...first.peaks]).toEqual([6, 18, 30, 42]);
  });

  test('of edition 2 without positions take those of edition 1 when as many', () => {
    expect([...read(trace({ without: ['PLOC2'] })).peaks]).toEqual([6, 18, 30, 42]);
    const shorter = trace({ without: ['PLOC2'], tags: [shorts('PLOC', 1, [1, 2])] });
    expect(refusal(shorter).reason.code).toBe('NO_BASE_CALLS');
  });

  test('of edition 2 missing beside their positions are refused', () => {
    expect(refusal(trace({ without: ['PBAS2'] })).reason.code).toBe('NO_BASE_CALLS');
  });

  test('missing altogether are refused with the remedy', () => {
    const none = refusal(trace({ without: ['PBAS1', 'PBAS2', 'PLOC1', 'PLOC2'] })).reason;
    expect(none.code).toBe('NO_BASE_CALLS');
    expect(none.detail).toContain('switch automatic analysis on');
  });

  test('lose NULs at their end, with the positions of these', () => {
    const trimmed = read(trace({ tags: [chars('PBAS', 2, 'acg\0')] }));
    expect(trimmed.calls).toBe('ACG');
    expect([...trimmed.peaks]).toEqual([7, 19, 31]);
  });

  test.each([
    ['negative', [7, -1, 31, 43], 'PLOC2[1] is -1'],
    ['beyond the signal', [7, 19, 31, 60], 'PLOC2[3] is 60'],
    ['falling', [7, 31, 19, 43], 'PLOC2[2] is 19, after 31'],
  ])('with a %s position are refused, naming it', (_, peaks, detail) => {
    const { reason } = refusal(trace({ tags: [shorts('PLOC', 2, peaks)] }));
    expect(reason.code).toBe('NO_BASE_CALLS');
    expect(reason.detail).toContain(detail);
  });

  test('two at one position are read, as base callers write that', () => {
    expect([...read(trace({ tags: [shorts('PLOC', 2, [7, 19, 19, 43])] })).peaks]).toEqual([7, 19, 19, 43]);
  });
});

describe('origin', () => {
  test('texts are cut to their element and lose control characters', () => {
    const overrun = { ...pString('SMPL', 1, 'x'), value: Buffer.from('\xffS25\r\n-7\x1b', 'latin1') };
    expect(read(trace({ tags: [overrun] })).origin.sample).toBe('S25-7');
  });

  test('texts are UTF-8 where valid, else Latin-1', () => {
    expect(read(trace({ tags: [pString('SMPL', 1, '検体-7')] })).origin.sample).toBe('検体-7');
    const latin = { ...pString('SMPL', 1, ''), value: Buffer.from('\x04caf\xe9', 'latin1') };
    expect(read(trace({ tags: [latin] })).origin.sample).toBe('café');
  });

  test('texts are never longer than 255 characters', () => {
    const endless = { ...pString('SMPL', 1, ''), type: 19, value: Buffer.from('検'.repeat(100_000)) };
    expect(read(trace({ tags: [endless] })).origin.sample).toBe('検'.repeat(255));
  });

  test('empty and blank texts are unknown', () => {
    expect(read(trace({ tags: [pString('TUBE', 1, ''), pString('SMPL', 1, '  ')] })).origin).toMatchObject({
      well: null,
      sample: null,
    });
  });

  test('a date that is no date is unknown', () => {
    expect(read(trace({ tags: [date('RUND', 1, 0, 0, 0)] })).origin.startedAt).toBeNull();
    expect(read(trace({ tags: [date('RUND', 1, 2025, 2, 29)] })).origin.startedAt).toBeNull();
  });

  test('model and serial fall back to MODL and MCHN', () => {
    const { origin } = read(trace({ without: ['HCFG3', 'HCFG4'] }));
    expect(origin).toMatchObject({ model: '3100', serial: 'Bench' });
  });

  test('names one injection: the same after re-analysis, another in the next well', () => {
    const key = injectionKey(read(trace()).origin);
    expect(injectionKey(read(trace({ tags: [chars('PBAS', 2, 'TTTT')] })).origin)).toBe(key);
    expect(injectionKey(read(trace({ tags: [pString('TUBE', 1, 'B01')] })).origin)).not.toBe(key);
    expect(injectionKey(read(trace({ without: ['RUND1'] })).origin)).toBeNull();
  });
});

test.each([12.5, 0, -12, Number.NaN, Number.POSITIVE_INFINITY])(
  'spacing %d is believed only if it can be one',
  (s) => {
    expect(read(trace({ tags: [float('SPAC', 1, s)] })).spacing).toBe(s === 12.5 ? 12.5 : null);
  },
);

describe('files that are none', () => {
  test('every cut of a file is incomplete and may still grow', () => {
    const bytes = trace();
    const entries = bytes.length - (32 - plainTags.length) * 28;
    for (let length = 0; length < entries; length++) {
      const { reason, complete } = refusal(bytes.subarray(0, length));
      expect({ length, code: reason.code, complete }).toEqual({
        length,
        code: 'INCOMPLETE_FILE',
        complete: false,
      });
    }
  });

  test('a file of zeros, or with a directory of zeros, may still be filled', () => {
    const bytes = Buffer.from(trace());
    expect(refusal(Buffer.alloc(bytes.length))).toMatchObject({ complete: false });
    bytes.fill(0, bytes.readInt32BE(26));
    expect(refusal(bytes)).toMatchObject({ complete: false, reason: { code: 'INCOMPLETE_FILE' } });
  });

  test('something else is not ABIF, at once', () => {
    for (const text of ['PK\x03\x04', 'x', 'not a trace '.repeat(50)]) {
      expect(refusal(Buffer.from(text))).toMatchObject({ complete: true, reason: { code: 'NOT_ABIF' } });
    }
  });

  test('a directory that contradicts the header is refused at once', () => {
    for (const count of [-5, 0x7fffffff]) {
      const bytes = Buffer.from(trace());
      bytes.writeInt32BE(count, 18);
      expect(refusal(bytes)).toMatchObject({ complete: true, reason: { code: 'INCOMPLETE_FILE' } });
    }
  });

  test('a drawing of a sequence is no capillary trace; one tag of an instrument makes it one', () => {
    const instrument = ['DATA1', 'RUND1', 'MODL1', 'HCFG3'];
    const drawn = refusal(trace({ without: instrument }));
    expect(drawn.reason.code).toBe('NOT_CAPILLARY');
    expect(drawn.origin?.sample).toBe('S25-000123');
    for (const kept of instrument) {
      expect(readTrace(trace({ without: instrument.filter((tag) => tag !== kept) })).ok).toBe(true);
    }
  });
});

describe('hostile bytes', () => {
  const valid = trace();
  const edit = fc.tuple(fc.nat(valid.length - 1), fc.nat(255));

  test('a file with any bytes changed and cut anywhere gives an outcome', () => {
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 12 }), fc.nat(valid.length), (edits, length) => {
        const bytes = Buffer.from(valid);
        for (const [at, value] of edits) bytes[at] = value;
        expect(typeof readTrace(bytes.subarray(0, length)).ok).toBe('boolean');
        expect(typeof readTrace(bytes).ok).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });

  test('any 32-bit numbers in the header and the directory give an outcome', () => {
    const directory = Buffer.from(valid).readInt32BE(26);
    const places = fc.oneof(
      fc.nat(3).map((n) => 14 + n * 4),
      fc.nat(plainTags.length * 7 - 1).map((n) => directory + n * 4),
    );
    const numbers = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 0x7fffffff, -0x80000000, valid.length));
    fc.assert(
      fc.property(fc.array(fc.tuple(places, numbers), { minLength: 1, maxLength: 6 }), (edits) => {
        const bytes = Buffer.from(valid);
        for (const [at, value] of edits) bytes.writeInt32BE(value, at);
        expect(typeof readTrace(bytes).ok).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });

  test('any bytes behind the magic give an outcome', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(readTrace(bytes).ok).toBe(false);
        expect(typeof readTrace(Buffer.concat([Buffer.from('ABIF'), bytes])).ok).toBe('boolean');
      }),
      { numRuns: 1000 },
    );
  });

  test('calls keep their number and their positions, whatever bytes they are', () => {
    const bases = bytesTag('PBAS', 2, Buffer.from([0xdf, 0x61, 0xff, 0x4e]));
    const read = readTrace(trace({ tags: [bases] }));
    expect(read.ok && [read.trace.calls, [...read.trace.peaks]]).toEqual(['\u00dfA\u00ffN', [7, 19, 31, 43]]);
  });

  test('a file that claims more than any instrument writes is refused before it costs anything', () => {
    const entries = Array.from({ length: 350_000 }, (_, i) => bytesTag('JUNK', i, new Uint8Array(4)));
    const calls = 1_000_000;
    const places = longs('PLOC', 2, new Int32Array(calls).fill(7));
    const directory = writeAbif(entries);
    const bases = trace({ tags: [bytesTag('PBAS', 2, Buffer.alloc(calls, 'A')), places] });
    const nuls = trace({
      tags: [bytesTag('PBAS', 2, Buffer.concat([Buffer.alloc(5_000_000), Buffer.of(65)]))],
    });
    const start = performance.now();
    expect(refusal(directory).reason).toMatchObject({
      code: 'INCOMPLETE_FILE',
      detail: expect.stringContaining('350000 entries') as string,
    });
    expect(refusal(directory).complete).toBe(true);
    expect(refusal(bases).reason).toEqual({
      code: 'NO_BASE_CALLS',
      detail: 'PBAS2 has 1000000 calls, and no read is longer than 20000',
    });
    expect(refusal(nuls).reason.code).toBe('NO_BASE_CALLS');
    expect(performance.now() - start).toBeLessThan(500);
  });
});
