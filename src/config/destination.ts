import { z } from 'zod';
import { count, isMapping, name, seconds } from './values.ts';

const port = z.int().min(1).max(65_535);

const verdict = z.enum(['done', 'hold', 'retry']);

/** Our local codes (docs/hl7.md) that a site can replace by its own. */
const LOCAL_CODES = ['HTLV1CLON', 'CV', 'CVTIER', 'CVRISK', 'CVQC', 'SIL2R'];

const codes = z
  .record(
    z.string(),
    z.strictObject({
      code: name.describe('Code of the site.'),
      text: z.string().optional().describe('Its text; default: ours.'),
      system: name.optional().describe('Its coding system; default: 99RSG.'),
    }),
  )
  .superRefine((mapping, context) => {
    const keys = Object.keys(mapping).filter((key) => !LOCAL_CODES.includes(key));
    if (keys.length > 0) context.addIssue({ code: 'unrecognized_keys', keys });
  })
  .meta({ propertyNames: { enum: LOCAL_CODES } });

const lis = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be 1 to 40 letters, digits, - or _')
    .describe('Name of this destination in lists, logs and commands; unique.'),
  mllp: z
    .strictObject({
      host: name.describe('Host name or address of the LIS.'),
      port: port.describe('TCP port of the LIS.'),
    })
    .describe('HL7 v2 over TCP (MLLP).'),
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
  message: z
    .strictObject({
      receivingApplication: name.default('LIS').describe('MSH-5, the name of the LIS.'),
      receivingFacility: name.default('HOSP').describe('MSH-6, the name of the hospital.'),
      processingId: z
        .enum(['P', 'T', 'D'])
        .default('P')
        .describe('MSH-11: P production, T test, D debugging.'),
      codedType: z
        .enum(['CWE', 'CE'])
        .default('CWE')
        .describe('OBX-2 of coded results; CE for older receivers.'),
      offset: z.boolean().default(true).describe('Write the offset from UTC in every time.'),
      unit: z.enum(['1', '']).default('1').describe('OBX-6 of Cv: 1^unity^UCUM, or empty.'),
      notes: z.boolean().default(true).describe('Write comments in NTE segments.'),
      sil2r: z
        .boolean()
        .default(false)
        .describe("Also send sIL-2R as an OBX; it is another laboratory's result."),
      codes: codes.default({}).describe('Site codes by ours (HTLV1CLON, CV, CVTIER, CVRISK, CVQC, SIL2R).'),
    })
    .prefault({}),
});

/** The queue knows a destination by its name alone. */
export const destinations = z.array(lis).superRefine(
  (entries, context) => {
    const names = entries.map((entry) => entry.name);
    names.forEach((text, index) => {
      if (names.indexOf(text) < index) {
        context.addIssue({
          code: 'custom',
          path: [index, 'name'],
          message: 'is used by another destination',
        });
      }
    });
  },
  { when: ({ value }) => Array.isArray(value) && value.every((entry) => isMapping({ value: entry })) },
);
