import { expect, test } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { warningsOf } from '../../src/config/warnings.ts';

function warned(sections: object): string[] {
  const config = configSchema.parse({
    ...{ dataDir: 'd', watch: { folders: ['w'] }, lis: [{ name: 'a', file: { folder: 'out' } }] },
    ...sections,
  });
  return warningsOf(config).map(({ path, message }) => `${path} ${message}`);
}

test('clear text from the network, test messages, and a source that nobody listens to are told at every start', () => {
  expect(warned({ orders: { mllp: { port: 2575 } }, lookup: { kind: 'fhir', url: 'https://h/r4' } })).toEqual(
    [],
  );
  const tls = { cert: 'c', key: 'k' };
  expect(warned({ orders: { mllp: { host: '0.0.0.0', port: 2575, tls } } })).toEqual([]);
  expect(
    warned({
      orders: { mllp: { host: '0.0.0.0', port: 2575 }, processingIds: ['P', 'T'] },
      lookup: { kind: 'json', url: 'http://lis.example.org/{accession}' },
      context: { precedence: ['orders'] },
    }),
  ).toEqual([
    'orders.mllp.host takes patient data in clear text from the network',
    'orders.processingIds takes test messages: what they say of an accession counts',
    'lookup.url carries patient data, and the token, in clear text over the network',
    'context.precedence leaves out lookup: what it says is kept and not used',
  ]);
});

test.each([
  [{ orders: { mllp: { port: 1, allow: ['lis.example.org'] } } }, 'orders.mllp.allow.0'],
  [{ orders: { mllp: { port: 1 }, fields: { accession: ['SPM.2'] } } }, 'orders.fields.accession.0'],
  [{ lookup: { kind: 'json', url: 'https://h/' } }, 'lookup.url'],
  [{ lookup: { kind: 'fhir', url: 'file:///etc/passwd' } }, 'lookup.url'],
  [{ context: { precedence: ['orders', 'orders'] } }, 'context.precedence'],
])('%j is refused at %s', (sections, path) => {
  const read = configSchema.safeParse({ dataDir: 'd', ...sections });
  expect(read.error?.issues.map((issue) => issue.path.join('.'))).toContain(path);
});
