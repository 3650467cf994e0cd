import { z } from 'zod';
import { SOURCES } from '../context/statement.ts';
import { count, name } from './values.ts';

const codes = (...known: string[]) => z.array(name).default(known);

/**
 * Default codes: our own words, their Japanese names, and the two codes of ICD-10 that mean one category alone.
 * C91.5 (adult T-cell leukaemia/lymphoma) does not say which subtype, so it stands for none.
 */
const categories = z.strictObject({
  carrier: codes('carrier', 'Z22.6', 'キャリア').describe('Codes that mean an asymptomatic carrier.'),
  ham: codes('ham', 'G04.1', 'HAM/TSP').describe('Codes that mean HAM/TSP.'),
  smoldering: codes('smoldering', 'くすぶり型').describe('Codes that mean smoldering ATL.'),
  chronic: codes('chronic', '慢性型').describe('Codes that mean chronic ATL.'),
  acute: codes('acute', '急性型').describe('Codes that mean acute ATL.'),
  lymphoma: codes('lymphoma', 'リンパ腫型').describe('Codes that mean ATL of the lymphoma type.'),
});

/** How what several sources say of one specimen becomes one context; see docs/orders.md. */
export const context = z.strictObject({
  precedence: z
    .array(z.enum(SOURCES))
    .min(1)
    .refine((sources) => new Set(sources).size === sources.length, { error: 'must name each source once' })
    .default(['orders', 'worklist', 'lookup'])
    .describe(
      'Who is believed first about order, patient, category and collection; one left out is not used.',
    ),
  sil2rMaxAgeDays: count
    .max(3650)
    .default(90)
    .describe(
      'Days between sIL-2R and the collection of the specimen, at most; further away it is not used. Ours: no limit is published.',
    ),
  sil2rCodes: codes('SIL2R', '5J095-0000-023-052*', '76039-7').describe(
    'OBX-3 or Observation.code of sIL-2R; * at the end stands for any rest, hyphens do not count.',
  ),
  categories: categories.prefault({}),
});
