import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { ask } from '../../src/orders/ask.ts';
import { orderQuery, readOrderBundle, readSil2rBundle } from '../../src/orders/fhir.ts';
import { getJson, type Fetched } from '../../src/orders/http.ts';
import { readDocument } from '../../src/orders/json-document.ts';

const { context } = configSchema.parse({ dataDir: 'd' });
const RULES = { categories: context.categories, timeZone: 'Asia/Tokyo' };
const { lookup } = configSchema.parse({
  dataDir: 'd',
  lookup: { kind: 'fhir', url: 'https://fhir.example.org/r4' },
});
if (lookup === undefined) throw new Error('no section lookup');
const FHIR = lookup;
const PATHS = FHIR.paths;

const request = (changes: object = {}) => ({
  ...{ resourceType: 'ServiceRequest', status: 'active', subject: { reference: 'Patient/77' } },
  ...{ identifier: [{ value: 'S1' }, { value: 'ORD-1' }], reasonCode: [{ coding: [{ code: 'G04.1' }] }] },
  ...changes,
});
const bundle = (...resources: unknown[]) => ({
  resourceType: 'Bundle',
  entry: resources.map((resource) => ({ resource })),
});

describe('what a FHIR server answers about an accession', () => {
  test('is an order, with the name and reading that JP Core marks', () => {
    const name = (family: string, code: string) => ({
      ...{ family, given: ['x'] },
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation', valueCode: code },
      ],
    });
    const patient = { resourceType: 'Patient', id: '77', name: [name('ミホン', 'SYL'), name('見本', 'IDE')] };
    expect(readOrderBundle(bundle(request(), patient), 'S1', RULES)).toMatchObject({
      ...{ kind: 'order', subject: 'Patient/77' },
      said: { order: 'ORD-1', category: 'ham', patient: { name: '見本^x', nameKana: 'ミホン^x' } },
    });
  });

  test('is cancelled, absent or in doubt, and never the order of another specimen', () => {
    const kindOf = (...resources: unknown[]) => readOrderBundle(bundle(...resources), 'S1', RULES).kind;
    expect(kindOf(request({ status: 'revoked' }))).toBe('cancelled');
    expect(kindOf()).toBe('absent');
    expect(kindOf(request({ identifier: [{ value: 'S11' }] }))).toBe('absent');
    expect(kindOf(request(), request())).toBe('doubtful');
    expect(kindOf(request(), request({ status: 'revoked' }))).toBe('order');
    expect(readOrderBundle({ resourceType: 'OperationOutcome' }, 'S1', RULES).kind).toBe('doubtful');
  });

  test('gives the newest final sIL-2R of that patient that is a value', () => {
    const observed = (value: number, day: string, changes: object = {}) => ({
      ...{ resourceType: 'Observation', status: 'final', subject: { reference: 'Patient/77' } },
      ...{ code: { coding: [{ code: '5J095000002305201' }] }, effectiveDateTime: `2025-01-${day}` },
      ...{ valueQuantity: { value, unit: 'U/mL' }, ...changes },
    });
    const resources = [
      observed(640, '04'),
      observed(1, '01'),
      observed(2, '09', { status: 'preliminary' }),
      observed(3, '09', { subject: { reference: 'Patient/78' } }),
      observed(4, '09', { code: { coding: [{ code: 'WBC' }] } }),
      observed(5, '09', { valueQuantity: { value: 5, comparator: '<' } }),
      { resourceType: 'Observation', status: 7 },
    ];
    const about = { subject: 'Patient/77', codes: context.sil2rCodes, timeZone: 'Asia/Tokyo' };
    expect(readSil2rBundle(bundle(...resources), about)).toMatchObject({ value: 640, date: '2025-01-04' });
    expect(readSil2rBundle('nonsense', about)).toBeNull();
  });

  test('is asked for by the accession alone, whatever is in it', () => {
    expect(orderQuery('S1,S2|x&y')).toContain('identifier=S1%5C%2CS2%5C%7Cx%26y&');
  });
});

describe('a plain document', () => {
  test('is read by the rules of a worklist, at the configured places', () => {
    const paths = { ...PATHS, patientId: 'who.0.id', category: 'dx' };
    const document = {
      order: 25,
      who: [{ id: 'P1' }],
      dx: '急性型',
      sil2r: 640.5,
      sil2rUnit: 'U/mL',
      sil2rDate: '2025-01-04',
    };
    expect(readDocument(document, 'S1', paths, context.categories)).toMatchObject({
      kind: 'order',
      said: {
        order: '25',
        patient: { id: 'P1' },
        category: 'acute',
        sil2r: { value: 640.5, date: '2025-01-04' },
      },
    });
    expect(readDocument({ dx: 'C91.5' }, 'S1', paths, context.categories)).toMatchObject({
      said: { category: null, unknownCodes: ['C91.5'] },
    });
  });

  test('without anything in it is no order, and one with a value that cannot be is in doubt', () => {
    expect(readDocument({}, 'S1', PATHS, context.categories)).toEqual({ kind: 'absent' });
    const read = readDocument({ sil2r: '1,520', patientName: '植木' }, 'S1', PATHS, context.categories);
    expect(read).toMatchObject({ kind: 'doubtful' });
    expect(JSON.stringify(read)).not.toContain('植木');
  });

  test('of any form at all is read without a crash', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        readDocument(
          value,
          'S1',
          { ...PATHS, order: '0.constructor', patientId: '__proto__.x' },
          context.categories,
        );
        readOrderBundle(bundle(value, { ...request(), reasonCode: value }), 'S1', RULES);
      }),
    );
  });
});

test('sIL-2R that a server knew and does not know any more is withdrawn', async () => {
  const patient = { resourceType: 'Patient', id: '77', identifier: [{ value: 'P1' }] };
  const get = (url: string): Promise<Fetched> =>
    Promise.resolve({
      kind: 'json',
      value: url.includes('/r4/Observation') ? bundle() : bundle(request(), patient),
    });
  const answer = await ask('S1', { settings: FHIR, ...RULES, sil2rCodes: context.sil2rCodes, get });
  expect(answer).toMatchObject({
    kind: 'answered',
    statements: [
      { kind: 'order', accession: 'S1', origin: 'look-up at fhir.example.org' },
      { kind: 'sil2r-withdrawn', accession: null, patientId: 'P1' },
    ],
  });
});

describe('a request', () => {
  async function ofServer(handle: RequestListener, options: { timeoutMs?: number; tokenFile?: string } = {}) {
    const server = createServer(handle);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { timeoutMs = 2000, tokenFile } = options;
    return getJson(`http://127.0.0.1:${port}/`, {
      timeoutMs,
      tokenFile,
      signal: new AbortController().signal,
    });
  }

  test('ends with what is wrong, and never throws', async () => {
    expect(await ofServer((_, response) => void response.writeHead(503).end())).toEqual({
      kind: 'failed',
      problem: 'HTTP 503',
    });
    expect(await ofServer((_, response) => void response.writeHead(422).end())).toEqual({
      kind: 'refused',
      problem: 'HTTP 422',
    });
    expect(await ofServer((_, response) => void response.writeHead(404).end())).toEqual({ kind: 'absent' });
    expect(await ofServer((_, response) => void response.end('<html>'))).toEqual({
      kind: 'failed',
      problem: 'the answer is no JSON',
    });
    expect(await ofServer(() => undefined, { timeoutMs: 50 })).toEqual({
      kind: 'failed',
      problem: 'no answer within 50 ms',
    });
    expect(await ofServer((_, response) => void response.end('x'.repeat(2_000_000)))).toMatchObject({
      kind: 'failed',
    });
    expect(await ofServer((request) => void request.socket.destroy())).toMatchObject({ kind: 'failed' });
  });

  test('follows no redirect, and is not made where its token cannot be read', async () => {
    const elsewhere = { location: 'http://127.0.0.1:1/' };
    expect(await ofServer((_, response) => void response.writeHead(302, elsewhere).end())).toEqual({
      kind: 'failed',
      problem: 'HTTP 302',
    });
    let asked = false;
    const handle: RequestListener = () => {
      asked = true;
    };
    const answer = await ofServer(handle, { tokenFile: '/nowhere/token' });
    expect(answer).toEqual({ kind: 'failed', problem: 'lookup.tokenFile cannot be read (ENOENT)' });
    expect(asked).toBe(false);
  });
});
