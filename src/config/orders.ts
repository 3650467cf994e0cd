import { z } from 'zod';
import { CHARSETS } from './message.ts';
import { count, name, path, seconds } from './values.ts';

/** `SEG-field.component.subcomponent`, or `OBX[code]-5` for the OBX whose OBX-3 is the code. */
export const FIELD_PATH =
  /^([A-Z][A-Z0-9]{2})(?:\[([^\]]+)\])?-([1-9]\d?)(?:\.([1-9]\d?))?(?:\.([1-9]\d?))?$/;

const fieldPaths = (...known: string[]) =>
  z.array(z.string().regex(FIELD_PATH, 'must look like SPM-2.1.1 or OBX[CATEGORY]-5')).min(1).default(known);

const address = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: 'must be an IP address or a network such as 10.1.2.0/24',
});

const tls = z
  .strictObject({
    cert: path.describe('PEM file of our own certificate, with those that lead to its authority.'),
    key: path.describe('PEM file of its private key, without a passphrase.'),
    ca: path
      .optional()
      .describe(
        'PEM file of the authorities of the senders; with it, a sender without their certificate is refused.',
      ),
  })
  .describe('Encrypts the connection, TLS 1.2 or later.');

const mllp = z.strictObject({
  host: name
    .default('127.0.0.1')
    .describe('Address to listen on; another than the loopback takes messages from the network.'),
  port: z.int().min(0).max(65_535).describe('TCP port to listen on; 0 is any free one.'),
  allow: z
    .array(address)
    .min(1)
    .default(['127.0.0.1', '::1'])
    .describe('Addresses, or networks such as 10.1.2.0/24, that may connect; all others are turned away.'),
  tls: tls.optional(),
  charset: z
    .enum(CHARSETS)
    .default('UTF-8')
    .describe('Character set of messages whose MSH-18 is empty or names one that is not known.'),
  maxMessageKiB: count.max(65_536).default(1024).describe('KiB; a longer message is not read.'),
  maxConnections: count.max(1000).default(20).describe('Connections at one time; further ones are closed.'),
  idleSeconds: seconds.default(3600).describe('Seconds without a byte after which a connection is closed.'),
});

/** Orders and results of other laboratories by HL7 v2; off where the section is missing. */
export const orders = z.strictObject({
  mllp,
  tests: z
    .array(name)
    .default([])
    .describe('OBR-4 of our test; orders of others are passed over. Default: every order is ours.'),
  processingIds: z
    .array(z.enum(['P', 'T', 'D']))
    .min(1)
    .default(['P'])
    .describe('MSH-11 that is taken: P production, T test, D debugging. Others get AR.'),
  fields: z
    .strictObject({
      accession: fieldPaths('SPM-2.1.1', 'SAC-3.1', 'OBR-3.1', 'ORC-3.1').describe(
        'Where the accession is; the first that holds something counts.',
      ),
      order: fieldPaths('ORC-2.1', 'OBR-2.1').describe(
        'Where the order number is; the first that holds something.',
      ),
      category: fieldPaths('DG1-3.1', 'OBR-31.1', 'OBX[CATEGORY]-5.1').describe(
        'Where the codes of the category are (context.categories); all of them are read.',
      ),
      collected: fieldPaths('SPM-17.1', 'OBR-7.1').describe(
        'Where the time of collection is; the first that holds something.',
      ),
    })
    .prefault({}),
});

export type OrdersConfig = z.output<typeof orders>;
