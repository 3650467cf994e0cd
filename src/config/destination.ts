import { z } from 'zod';
import { message, profile } from './message.ts';
import { acknowledge, file, http, mllp, only } from './transport.ts';
import { count, isMapping, seconds } from './values.ts';

const verdict = z.enum(['done', 'hold', 'retry']);

const destinationName = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be 1 to 40 letters, digits, - or _');

const lis = z.strictObject({
  name: destinationName.describe('Name of this destination in lists, logs and commands; unique.'),
  formerly: z
    .array(destinationName)
    .default([])
    .describe('Names that it had before: what was sent under them, this LIS has, and what waits goes to it.'),
  mllp,
  http,
  file,
  acknowledge,
  only,
  connection: z
    .enum(['persistent', 'perMessage'])
    .default('persistent')
    .describe('Keep one connection open, or open one for each message.'),
  minIntervalMs: z
    .int()
    .min(0)
    .max(3_600_000)
    .default(0)
    .describe('Milliseconds to wait between two messages, for slow receivers.'),
  timeouts: z
    .strictObject({
      connectSeconds: seconds.default(10).describe('Seconds to wait for a connection.'),
      ackSeconds: seconds.default(30).describe('Seconds to wait for the acknowledgement of a message.'),
      applicationSeconds: seconds
        .default(60)
        .describe('Seconds to wait for AA after CA, where acknowledge is enhanced.'),
    })
    .prefault({}),
  retry: z
    .strictObject({
      firstSeconds: seconds
        .default(5)
        .describe('Seconds before the first retry; each further one waits twice as long.'),
      maxSeconds: seconds.default(300).describe('Longest wait between two tries, seconds. Tries never end.'),
      rejections: count
        .default(5)
        .describe('How often a message that the LIS rejects (verdict retry) is tried before it is held.'),
    })
    .refine((retry) => !(retry.maxSeconds < retry.firstSeconds), {
      path: ['maxSeconds'],
      error: 'must not be below firstSeconds',
      when: isMapping,
    })
    .prefault({}),
  verdicts: z
    .strictObject({
      AA: verdict.default('done').describe('Verdict when the LIS says AA: accepted.'),
      CA: verdict.default('done').describe('Verdict when the LIS says CA: received and stored.'),
      AE: verdict.default('hold').describe('Verdict when the LIS says AE: refused: an error in the message.'),
      CE: verdict
        .default('hold')
        .describe('Verdict when the LIS says CE: refused on receipt: an error in the message.'),
      AR: verdict
        .default('retry')
        .describe('Verdict when the LIS says AR: refused: the receiver cannot take it now.'),
      CR: verdict
        .default('retry')
        .describe('Verdict when the LIS says CR: refused on receipt: the receiver cannot take it now.'),
    })
    .prefault({})
    .describe(
      'What each acknowledgement code does: done, hold (a person decides, the queue moves on) or retry.',
    ),
  profile,
  message,
});

/** The queue knows a destination by its names alone: no two may have had one name. */
export const destinations = z.array(lis).superRefine(
  (entries, context) => {
    const present = entries.map(({ name }, index) => ({ name, path: [index, 'name'] }));
    const former = entries.flatMap(({ formerly }, index) =>
      Array.isArray(formerly) ? formerly.map((name, at) => ({ name, path: [index, 'formerly', at] })) : [],
    );
    const seen = new Set<unknown>();
    for (const { name, path } of [...present, ...former]) {
      if (seen.has(name))
        context.addIssue({ code: 'custom', path, message: 'is used by another destination' });
      seen.add(name);
    }
  },
  { when: ({ value }) => Array.isArray(value) && value.every((entry) => isMapping({ value: entry })) },
);
