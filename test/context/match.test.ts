import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accessionPatterns, matchAccession, plainAccession } from '../../src/context/match.ts';

const usual = accessionPatterns({
  fromSample: '^(?<accession>[A-Za-z0-9][A-Za-z0-9-]*)',
  fromFile: '^(?<accession>[A-Za-z0-9][A-Za-z0-9-]*)',
});
const match = (sample: string | null, file: string) => matchAccession({ sample, file }, usual);

describe('the accession of a trace', () => {
  it('is found where sample name and file name agree', () => {
    expect(match('S25-000123', 'S25-000123_A01.ab1')).toEqual({ kind: 'found', accession: 'S25-000123' });
  });

  it('is found where only one name holds one', () => {
    expect(match(null, 'S25-000123_A01.ab1')).toEqual({ kind: 'found', accession: 'S25-000123' });
    expect(match('_blank_', 'S25-000123.ab1')).toEqual({ kind: 'found', accession: 'S25-000123' });
    expect(match('S25-000123', '_A01.ab1')).toEqual({ kind: 'found', accession: 'S25-000123' });
  });

  it('is in doubt where the two names disagree, also in upper and lower case', () => {
    const mismatch = { kind: 'mismatch', sample: 'S25-000123', file: 'S25-000124' };
    expect(match('S25-000123', 'S25-000124_A01.ab1')).toEqual(mismatch);
    expect(match('s25-1', 'S25-1.ab1').kind).toBe('mismatch');
  });

  it('is none where no name holds one', () => {
    expect(match('', '検体.ab1')).toEqual({ kind: 'none' });
  });

  it('is the same in full-width letters, with any hyphen and with spaces around it', () => {
    for (const sample of [
      'Ｓ２５－０００１２３',
      'S25−000123',
      'S25‐000123',
      'S25ー000123',
      '  S25-000123 ',
    ]) {
      expect(match(sample, 'S25-000123_A01.ab1')).toEqual({ kind: 'found', accession: 'S25-000123' });
    }
  });

  it('follows the pattern of the site', () => {
    const patterns = accessionPatterns({
      fromSample: '^plate\\d+_(?<accession>.+)$',
      fromFile: '_(?<accession>\\d{6})_',
    });
    expect(matchAccession({ sample: 'plate7_000123', file: 'x_000123_A01.ab1' }, patterns)).toEqual({
      kind: 'found',
      accession: '000123',
    });
  });

  it('is never taken from a name of which a part could not be read', () => {
    const anything = accessionPatterns({ fromSample: '^(?<accession>.+)$', fromFile: '^(?<accession>.+)_' });
    expect(matchAccession({ sample: null, file: 'S25-\uFFFD3_A01.ab1' }, anything)).toEqual({ kind: 'none' });
  });

  it('is already plain when it has been made plain', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(plainAccession(plainAccession(text))).toBe(plainAccession(text));
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9-]{1,20}$/), (text) => {
        expect(plainAccession(text)).toBe(text);
      }),
    );
  });
});
