import { z } from 'zod';
import { count, name, path, seconds } from './values.ts';

const at = (preset: string, what: string) =>
  name.default(preset).describe(`Where ${what} is in the answer: keys and list positions with dots between.`);

const paths = z.strictObject({
  order: at('order', 'the order number'),
  patientId: at('patientId', 'the patient id'),
  patientName: at('patientName', 'the name of the patient'),
  patientNameKana: at('patientNameKana', 'its reading'),
  birthDate: at('birthDate', 'the date of birth (YYYY-MM-DD)'),
  sex: at('sex', 'the sex (M, F, O or U)'),
  category: at('category', 'the code of the category (context.categories)'),
  sil2r: at('sil2r', 'the value of sIL-2R'),
  sil2rUnit: at('sil2rUnit', 'its unit'),
  sil2rMethod: at('sil2rMethod', 'its method'),
  sil2rDate: at('sil2rDate', 'its date (YYYY-MM-DD)'),
  collected: at('collected', 'the time of collection (YYYY-MM-DD or YYYY-MM-DDTHH:MM)'),
});

/** Asking an HTTP server for what is known of an accession; off where the section is missing. */
export const lookup = z
  .strictObject({
    kind: z
      .enum(['fhir', 'json'])
      .describe(
        'fhir: a FHIR R4 server (ServiceRequest, Observation). json: one document for each accession.',
      ),
    url: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .describe('fhir: the base URL. json: the URL of the document, with {accession} in it.'),
    tokenFile: path
      .optional()
      .describe('File with the token that is sent as "Authorization: Bearer"; read again for every request.'),
    timeoutSeconds: seconds.max(300).default(10).describe('Seconds for one request, connection included.'),
    cacheMinutes: z
      .number()
      .positive()
      .max(10_080)
      .default(15)
      .describe('Minutes for which an answer stands before the same accession is asked about again.'),
    days: count
      .max(365)
      .default(14)
      .describe(
        'Days for which a result that still lacks something is asked about; counted from the start of the service at the earliest.',
      ),
    paths: paths.prefault({}),
  })
  .refine(({ kind, url }) => kind !== 'json' || url.includes('{accession}'), {
    path: ['url'],
    error: 'must hold {accession}',
  });

export type LookupConfig = z.output<typeof lookup>;
