import { describe, expect, test } from 'vitest';
import { readAck } from '../../src/hl7/ack.ts';
import { describeOutcome, wordsOfTheLis, type SendOutcome } from '../../src/outbox/outcome.ts';

function outcomeOf(...segments: string[]): SendOutcome {
  const text = ['MSH|^~\\&|LIS||||||ACK|1|P|2.5.1', ...segments, ''].join('\r');
  const ack = readAck(new TextEncoder().encode(text));
  if (ack.kind !== 'ack') throw new Error(ack.detail);
  return { kind: 'acknowledged', ack };
}

describe('what the LIS said', () => {
  const refused = outcomeOf(
    'MSA|AE|RD1|患者 山田 unknown',
    'ERR||PID^1^3^1^1|204^Unknown key identifier^HL70357|E||||no such patient',
  );

  test('is told to a person in its own words, with the place and the meaning of the code', () => {
    expect(wordsOfTheLis(refused)?.split('\n')).toEqual([
      '患者 山田 unknown',
      'error 204 unknown key identifier at PID[1]-3.1: no such patient',
    ]);
  });

  test('is not in what is logged', () => {
    expect(describeOutcome(refused)).toBe('AE, 204 unknown key identifier');
  });

  test('is read in the older form too', () => {
    expect(wordsOfTheLis(outcomeOf('MSA|AE|RD1', 'ERR|OBX^2^5^103&Table value not found'))).toBe(
      'error 103 table value not found at OBX[2]-5: Table value not found',
    );
  });

  test('is nothing where it said nothing, or did not answer', () => {
    expect(wordsOfTheLis(outcomeOf('MSA|AA|RD1'))).toBeNull();
    expect(wordsOfTheLis({ kind: 'ack-timeout', seconds: 30 })).toBeNull();
  });

  test('is cut where it would fill the database', () => {
    expect(wordsOfTheLis(outcomeOf(`MSA|AE|RD1|${'x'.repeat(60_000)}`))).toHaveLength(4000);
  });
});
