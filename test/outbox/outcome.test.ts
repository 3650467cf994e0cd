import { describe, expect, test } from 'vitest';
import type { Ack, AckCode } from '../../src/hl7/ack.ts';
import { describeOutcome, judge } from '../../src/outbox/outcome.ts';
import type { SendOutcome } from '../../src/outbox/outcome.ts';
import { destinationAt } from '../deliver/support/destination.ts';

const standard = destinationAt(1, { retry: { rejections: 3 } });

function acknowledged(code: AckCode, errors: readonly string[] = [], text = ''): SendOutcome {
  const ack: Ack = {
    kind: 'ack',
    code,
    controlId: 'RD1',
    text,
    errors: errors.map((error) => ({ code: error, text })),
  };
  return { kind: 'acknowledged', ack };
}

const noAnswer = { kind: 'ack-timeout', seconds: 30 } as const;

describe('by default', () => {
  test.each<[AckCode, string]>([
    ['AA', 'delivered'],
    ['CA', 'delivered'],
    ['AE', 'hold'],
    ['CE', 'hold'],
    ['AR', 'retry'],
    ['CR', 'retry'],
  ])('%s means %s', (code, kind) => {
    expect(judge(acknowledged(code), standard, 0).kind).toBe(kind);
  });

  test('a rejected message waits alone, and is held at the last rejection that config allows', () => {
    expect(judge(acknowledged('AR'), standard, 0)).toEqual({ kind: 'retry', trouble: 'message' });
    expect(judge(acknowledged('AR'), standard, 1)).toEqual({ kind: 'retry', trouble: 'message' });
    expect(judge(acknowledged('AR'), standard, 2)).toEqual({ kind: 'hold' });
    expect(judge(acknowledged('AR'), standard, 50)).toEqual({ kind: 'hold' });
  });

  test.each(['206', '207'])('an AE that only says %s is temporary: tried again, then held', (error) => {
    expect(judge(acknowledged('AE', [error]), standard, 0)).toEqual({ kind: 'retry', trouble: 'message' });
    expect(judge(acknowledged('AE', [error]), standard, 2)).toEqual({ kind: 'hold' });
  });

  test('an AE that also names a fault of the message is held at once', () => {
    expect(judge(acknowledged('AE', ['207', '101']), standard, 0)).toEqual({ kind: 'hold' });
    expect(judge(acknowledged('AE', ['']), standard, 0)).toEqual({ kind: 'hold' });
  });
});

describe('the table of a destination', () => {
  const own = destinationAt(1, {
    verdicts: { AE: 'done', AR: 'hold', CA: 'retry' },
    retry: { rejections: 1 },
  });

  test('decides what each code does', () => {
    expect(judge(acknowledged('AE', ['101']), own, 0)).toEqual({ kind: 'delivered' });
    expect(judge(acknowledged('AR'), own, 0)).toEqual({ kind: 'hold' });
    expect(judge(acknowledged('AA'), own, 0)).toEqual({ kind: 'delivered' });
  });

  test('with one try holds at the first rejection', () => {
    expect(judge(acknowledged('CA'), own, 0)).toEqual({ kind: 'hold' });
  });
});

describe('without an answer of its own', () => {
  test.each<[string, SendOutcome, ReturnType<typeof judge>]>([
    ['no connection', { kind: 'unreachable', code: 'ECONNREFUSED' }, { kind: 'retry', trouble: 'link' }],
    ['no connection in time', { kind: 'connect-timeout', seconds: 1 }, { kind: 'retry', trouble: 'link' }],
    ['silence', noAnswer, { kind: 'retry', trouble: 'unclear' }],
    ['closed', { kind: 'closed', code: 'ECONNRESET', reused: false }, { kind: 'retry', trouble: 'unclear' }],
    [
      'closed after an idle time',
      { kind: 'closed', code: 'EPIPE', reused: true },
      { kind: 'retry', trouble: 'stale' },
    ],
    ['an answer to another', { kind: 'foreign-ack', controlId: 'X' }, { kind: 'retry', trouble: 'unclear' }],
    ['no HL7', { kind: 'garbled', detail: '3 bytes' }, { kind: 'retry', trouble: 'unclear' }],
    ['stopped', { kind: 'stopped' }, { kind: 'leave' }],
    ['framing bytes inside', { kind: 'unsendable' }, { kind: 'hold' }],
  ])('%s never counts as delivered, and never expires', (_, outcome, verdict) => {
    expect(judge(outcome, standard, 0)).toEqual(verdict);
    expect(judge(outcome, standard, 1_000_000)).toEqual(verdict);
  });
});

describe('an outcome in words', () => {
  test('names the code and the standard errors', () => {
    expect(describeOutcome(acknowledged('AE', ['101', '207']))).toBe(
      'AE, 101 required field missing, 207 application internal error',
    );
    expect(describeOutcome(noAnswer)).toBe('no answer within 30 s');
  });

  test('quotes no text of the LIS, which may name a patient', () => {
    const words = describeOutcome(acknowledged('AE', ['Yamada Taro unknown'], 'Yamada Taro'));
    expect(words).toBe('AE, an error of its own kind');
  });
});
