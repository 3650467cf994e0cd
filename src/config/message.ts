import { z } from 'zod';
import { REASON_CODES } from '../reason.ts';
import { count, name } from './values.ts';

/** Sets of defaults for one kind of receiver; src/hl7/profiles.ts says what each holds. */
const PROFILES = ['oru-r01-2.5.1', 'oul-r22-law', 'jahis'] as const;

/** Character sets that a message can be written in. Shift_JIS is Windows' (cp932). */
export const CHARSETS = ['UTF-8', 'ISO-2022-JP', 'Shift_JIS', 'EUC-JP', 'ISO-8859-1', 'ASCII'] as const;
export type Charset = (typeof CHARSETS)[number];

/** Our local codes (docs/hl7.md) that a site can replace by its own. */
const LOCAL_CODES: readonly string[] = [
  ...['HTLV1CLON', 'CV', 'CVTIER', 'CVRISK', 'CVQC', 'SIL2R', 'CVTRACE', 'CVREPORT', 'RSGCV', 'BLD'],
  ...['LOW', 'INTERMEDIATE', 'HIGH', 'R1', 'R2', 'R3', 'R4'],
  ...Object.keys(REASON_CODES),
];

const codes = z
  .record(
    z.string(),
    z.strictObject({
      code: name.describe('Code of the site.'),
      text: z.string().optional().describe('Its text; default: ours.'),
      system: name.optional().describe('Its coding system, such as JC10 for JLAC10; default: 99RSG.'),
    }),
  )
  .superRefine((mapping, context) => {
    const keys = Object.keys(mapping).filter((key) => !LOCAL_CODES.includes(key));
    if (keys.length > 0) context.addIssue({ code: 'unrecognized_keys', keys });
  })
  .meta({ propertyNames: { enum: [...LOCAL_CODES] } });

/** A character, and behind it what stands for it. */
const substitute = z.string().refine((pair) => Array.from(pair).length > 1, {
  error: 'must be a character and, behind it, what replaces it',
});

export const profile = z
  .enum(PROFILES)
  .default('oru-r01-2.5.1')
  .describe('Kind of message; sets the defaults of the keys under message.');

/** How messages for one destination are written. Keys without a value have that of the profile. */
export const message = z
  .strictObject({
    structure: z
      .enum(['ORU_R01', 'OUL_R22'])
      .optional()
      .describe('MSH-9: result by order (ORU_R01) or by specimen (OUL_R22); default: that of the profile.'),
    version: z.enum(['2.5', '2.5.1']).optional().describe('MSH-12; default: that of the profile.'),
    charset: z
      .enum(CHARSETS)
      .optional()
      .describe('Character set of the bytes on the wire; default: that of the profile.'),
    msh18: z
      .string()
      .optional()
      .describe('MSH-18 as it is written, ~ between repetitions; default: the name of the set in HL7.'),
    msh20: z.string().optional().describe('MSH-20; default: ISO 2022-1994 for ISO-2022-JP, else empty.'),
    unencodable: z
      .enum(['substitute', 'hold'])
      .default('substitute')
      .describe(
        'A character of a name or comment that the set does not have: replace it and say so in an NTE, or hold the result. In a number or code it always holds.',
      ),
    mark: z
      .string()
      .min(1, 'must not be empty')
      .optional()
      .describe('Stands for a character without any other form in the set; default: 〓, in western sets ?.'),
    substitutes: z
      .array(substitute)
      .default([])
      .describe('What stands for a character that the set does not have, such as 髙高.'),
    sendingApplication: name.default('RAISINGD').describe('MSH-3.'),
    sendingFacility: name.optional().describe('MSH-4; default: site.facility.'),
    receivingApplication: name.default('LIS').describe('MSH-5, the name of the LIS.'),
    receivingFacility: name.default('HOSP').describe('MSH-6, the name of the hospital.'),
    processingId: z.enum(['P', 'T', 'D']).default('P').describe('MSH-11: P production, T test, D debugging.'),
    patientAuthority: z
      .strictObject({
        namespace: name.optional().describe('PID-3.4.1, who gave the patient id; default: MSH-6.'),
        universalId: z.string().default('').describe('PID-3.4.2, such as an OID.'),
        universalIdType: z.string().default('').describe('PID-3.4.3, such as ISO.'),
      })
      .prefault({}),
    patientIdType: name.optional().describe('PID-3.5, such as MR or PI; default: that of the profile.'),
    codedType: z
      .enum(['CWE', 'CE'])
      .optional()
      .describe('OBX-2 of coded results; CE for older receivers; default: that of the profile.'),
    offset: z
      .boolean()
      .optional()
      .describe('Write the offset from UTC in every time; default: that of the profile.'),
    unit: z
      .enum(['1', ''])
      .optional()
      .describe('OBX-6 of Cv: 1^unity^UCUM, or empty; default: that of the profile.'),
    notes: z.boolean().optional().describe('Write comments in NTE segments; default: that of the profile.'),
    flags: z
      .strictObject({
        high: z.string().default('H').describe('OBX-8 of a Cv or sIL-2R at or above its cut-off.'),
        abnormal: z.string().default('A').describe('OBX-8 of a tier above low and a region above R1.'),
        normal: z.string().default('N').describe('OBX-8 of everything else.'),
      })
      .prefault({})
      .describe('Letters of OBX-8; empty: none.'),
    run: z.boolean().optional().describe('Number the run in OBX-4; default: that of the profile.'),
    resultType: z
      .boolean()
      .optional()
      .describe('Write OBX-29 RSLT, which HL7 2.5.1 does not have yet; default: that of the profile.'),
    software: z
      .boolean()
      .optional()
      .describe(
        'Write what made the result (program, estimator, cut-offs) in SFT; default: that of the profile.',
      ),
    sil2r: z
      .boolean()
      .default(false)
      .describe("Also send sIL-2R as an OBX; it is another laboratory's result."),
    picture: z
      .strictObject({
        send: z
          .boolean()
          .default(false)
          .describe('Send the picture of the trace (PNG) in an OBX of type ED.'),
        maxKiB: count
          .max(4096)
          .default(256)
          .describe('KiB; a larger picture is left out. Most have 60 to 120, a third more in the message.'),
      })
      .prefault({}),
    pdf: z
      .boolean()
      .default(false)
      .describe('Send the result as one page of PDF, with the picture; picture.maxKiB limits it as well.'),
    codes: codes
      .default({})
      .describe(
        'Site codes by ours: HTLV1CLON, CV, CVTIER, CVRISK, CVQC, SIL2R, CVTRACE, CVREPORT, RSGCV (method), BLD (specimen), LOW, INTERMEDIATE, HIGH, R1 to R4, and the reason codes.',
      ),
  })
  .prefault({});
