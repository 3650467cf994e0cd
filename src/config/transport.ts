import { z } from 'zod';
import { count, name, path, seconds } from './values.ts';

const port = z.int().min(1).max(65_535);

const tls = z
  .strictObject({
    ca: path
      .optional()
      .describe(
        'PEM file of the authorities that may sign the certificate of the LIS; default: the public ones.',
      ),
    cert: path.optional().describe('PEM file of our own certificate, where the LIS asks for one; needs key.'),
    key: path.optional().describe('PEM file of the private key of cert, without a passphrase.'),
    servername: name
      .optional()
      .describe('Name that the certificate of the LIS must hold; default: the host that is called.'),
    minVersion: z
      .enum(['TLSv1.2', 'TLSv1.3'])
      .default('TLSv1.2')
      .describe('Oldest version that is accepted.'),
  })
  .describe('Encrypts the connection. A certificate that is not in order is refused, and the messages wait.');

export const mllp = z
  .strictObject({
    host: name.describe('Host name or address of the LIS.'),
    port: port.describe('TCP port of the LIS.'),
    tls: tls.optional(),
  })
  .optional()
  .describe('HL7 v2 over TCP (MLLP).');

export const http = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .refine((url) => !URL.canParse(url) || (new URL(url).username === '' && new URL(url).password === ''), {
        error: 'must not hold a user or password: use authorizationFile',
      })
      .meta({ writeOnly: true })
      .describe('Where messages are posted.'),
    authorizationFile: path
      .optional()
      .describe('File whose one line is sent as the Authorization header, such as `Bearer abc`.'),
    tls: tls.optional(),
  })
  .optional()
  .describe('HL7 v2 over HTTP: a POST for each message, its acknowledgement in the answer.');

export const file = z
  .strictObject({
    folder: path.describe('Folder that the messages are put into; it must exist.'),
    extension: z
      .string()
      .regex(/^\.\w{1,10}$/, 'must look like .hl7')
      .default('.hl7')
      .describe('Ending of the file names.'),
    batch: z
      .strictObject({
        messages: count.max(10_000).default(100).describe('How many messages at most go into one batch.'),
        seconds: seconds.default(60).describe('Seconds after the first message at which a batch is ended.'),
      })
      .optional()
      .describe('Several messages a file, between FHS/BHS and BTS/FTS; default: one message a file.'),
  })
  .optional()
  .describe('Files in a folder. A message counts as delivered once it is safely on that disk.');

/** Which of them a destination has is judged in contradictions.ts: exactly one. */
export const TRANSPORTS = ['mllp', 'http', 'file'] as const;

export const acknowledge = z
  .enum(['original', 'commit', 'enhanced'])
  .default('original')
  .describe(
    'Which acknowledgements are asked for. original: one, AA. commit: one, CA (MSH-15 AL, MSH-16 NE). enhanced: CA, then AA (both AL).',
  );

export const only = z
  .strictObject({
    assays: z.array(name).min(1).optional().describe('Only results of these assays (their ids).'),
    statuses: z
      .array(z.enum(['P', 'F', 'C', 'X']))
      .min(1)
      .optional()
      .describe('Only results of these statuses: P preliminary, F final, C corrected, X no result.'),
    categories: z
      .array(z.enum(['carrier', 'ham', 'smoldering', 'chronic', 'acute', 'lymphoma', 'unknown']))
      .min(1)
      .optional()
      .describe('Only results of patients of these categories.'),
  })
  .prefault({})
  .describe(
    'Which results go here; default: all. A destination that was sent a result always gets what follows on it.',
  );

export type Mllp = NonNullable<z.output<typeof mllp>>;
export type Http = NonNullable<z.output<typeof http>>;
export type FileDrop = NonNullable<z.output<typeof file>>;
export type Tls = z.output<typeof tls>;

export type Transport =
  | ({ readonly kind: 'mllp' } & Mllp)
  | ({ readonly kind: 'http' } & Http)
  | ({ readonly kind: 'file' } & FileDrop);

/** How messages reach a destination. */
export function transportOf(destination: {
  readonly name: string;
  readonly mllp?: Mllp | undefined;
  readonly http?: Http | undefined;
  readonly file?: FileDrop | undefined;
}): Transport {
  const { mllp, http, file } = destination;
  if (mllp !== undefined) return { kind: 'mllp', ...mllp };
  if (http !== undefined) return { kind: 'http', ...http };
  if (file !== undefined) return { kind: 'file', ...file };
  throw new Error(`lis ${destination.name} has none of ${TRANSPORTS.join(', ')}`);
}

/** A transport for lists and logs, without secrets: a URL may hold some. */
export function describeTransport(transport: Transport): string {
  switch (transport.kind) {
    case 'mllp':
      return `mllp ${transport.host} port ${transport.port}${transport.tls === undefined ? '' : ' with TLS'}`;
    case 'http': {
      const { protocol, host } = new URL(transport.url);
      return `${protocol.slice(0, -1)} ${host}`;
    }
    case 'file':
      return `${transport.batch === undefined ? 'files' : 'batches'} in ${transport.folder}`;
  }
}
