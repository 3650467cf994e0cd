import { describe, expect, test } from 'vitest';
import { resultKey } from '../../src/result/result-key.ts';
import { createLaboratory, smoldering } from './laboratory.ts';

const A = 'S25-000001';

describe('OBR-3 of a result', () => {
  test('is made of laboratory, assay and accession, and of nothing else', () => {
    expect(resultKey('SEQROOM', 'htlv1', A)).toBe('RDVT6VV4D2F4J7');
    const others = [
      resultKey('OTHER', 'htlv1', A),
      resultKey('SEQROOM', 'blv', A),
      resultKey('SEQROOM', 'htlv1', 'S25-000002'),
    ];
    expect(new Set([resultKey('SEQROOM', 'htlv1', A), ...others]).size).toBe(4);
    for (const key of others) expect(key).toMatch(/^RD[0-9A-HJKMNP-TV-Z]{12}$/);
  });

  test('is never shared in a hundred thousand specimens', () => {
    const keys = Array.from({ length: 100_000 }, (_, i) => resultKey('SEQROOM', 'htlv1', `S25-${i}`));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('is the same in a new database, and MSH-10 is not', () => {
    const sent = [createLaboratory(), createLaboratory()].map((lab) => {
      lab.order(smoldering(A, 300));
      lab.score(A);
      return lab.sent()[0];
    });
    expect(sent[0]?.key).toBe(sent[1]?.key);
    expect(sent[0]?.controlId).not.toBe(sent[1]?.controlId);
  });

  test('is counted where a control has the accession already', () => {
    const lab = createLaboratory({ controls: { pattern: '^S25-000001$' } });
    lab.score(A, { cv: 0.97, well: 'H11' });
    lab.configure({});
    lab.order(smoldering(A, 300));
    lab.score(A, { content: 'patient' });
    const keys = lab.store.results.byAccession(A).map(({ key }) => key);
    expect(keys).toEqual([
      resultKey(lab.config().site.facility, lab.config().assay ?? 'htlv1', A),
      expect.stringMatching(/^RD25[0-9A-HJKMNP-TV-Z]{4}\d{6}$/) as string,
    ]);
  });
});
