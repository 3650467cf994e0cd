import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSite } from './site.ts';
import { NO_SIL2R, R4, sample } from './traces.ts';
import { until } from '../until.ts';

/** A hospital's server, which answers as `answer` says at the moment. */
async function createHospital(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(decodeURIComponent(request.url ?? ''));
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { asked, url: `http://127.0.0.1:${port}` };
}

const json = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
};

const PATIENT = {
  resourceType: 'Patient',
  id: '77',
  identifier: [{ value: 'P123', type: { coding: [{ code: 'MR' }] } }],
  name: [{ family: '見本', given: ['一郎'] }],
  birthDate: '1948-07-21',
  gender: 'male',
};

const ORDER = {
  resourceType: 'ServiceRequest',
  status: 'active',
  identifier: [{ value: 'S25-000123' }, { value: 'ORD-1', type: { coding: [{ code: 'PLAC' }] } }],
  subject: { reference: 'Patient/77' },
  reasonCode: [{ coding: [{ code: 'smoldering' }] }],
};

const observation = (value: number, subject = 'Patient/77') => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ code: '76039-7' }, { code: 'SIL2R' }] },
  subject: { reference: subject },
  effectiveDateTime: '2025-01-04T08:00:00+09:00',
  valueQuantity: { value, unit: 'U/mL' },
});

const SPECIMEN = { resourceType: 'Specimen', collection: { collectedDateTime: '2025-01-05T09:40:00+09:00' } };
const bundle = (...resources: unknown[]) => ({
  resourceType: 'Bundle',
  entry: resources.map((resource) => ({ resource })),
});

describe('a trace whose order only a server knows', () => {
  test('is released when a FHIR server answers, with patient, category and sIL-2R of that patient alone', async () => {
    const hospital = await createHospital((request, response) => {
      const isOrder = request.url?.startsWith('/fhir/ServiceRequest') === true;
      if (request.headers.authorization !== 'Bearer s3cret') json(response, {}, 401);
      else if (isOrder)
        json(response, bundle({ ...ORDER, identifier: [{ value: 'S25-9' }] }, ORDER, PATIENT, SPECIMEN));
      else json(response, bundle(observation(9000, 'Patient/78'), observation(1480)));
    });
    const site = await createSite();
    await writeFile(join(site.root, 'token'), 's3cret\n');
    await site.configure({ lookup: { kind: 'fhir', url: `${hospital.url}/fhir`, tokenFile: 'token' } });
    site.start();
    await site.drop(R4, sample(R4));
    const [first] = await site.receives(1);
    expect(first).toMatchObject({ order: 'ORD-1', patient: '見本', status: 'F', values: { CVRISK: 'R4' } });
    expect(first?.text).toContain('1480');
    expect(hospital.asked).toHaveLength(2);
    expect(JSON.stringify(site.log.lines)).not.toContain('s3cret');
  });

  test('is released when a plain JSON server answers, read by the configured paths', async () => {
    const document = { order: { no: 'ORD-9', who: [{ id: 'P1' }], dx: 'G04.1' } };
    const hospital = await createHospital((_, response) => json(response, document));
    const site = await createSite();
    const paths = { order: 'order.no', patientId: 'order.who.0.id', category: 'order.dx' };
    await site.configure({ lookup: { kind: 'json', url: `${hospital.url}/o/{accession}`, paths } });
    site.start();
    await site.drop(R4, sample(R4));
    expect(await site.receives(1)).toMatchObject([{ order: 'ORD-9', status: 'F' }]);
    expect(hospital.asked).toEqual(['/o/S25-000123']);
  });
});

test('a server that hangs or fails holds up nothing that is known, raises one alarm, and is asked again', async () => {
  let works = false;
  const hospital = await createHospital((request, response) => {
    if (!works) return;
    if (request.url === '/S25-000123') json(response, {}, 404);
    else json(response, { sil2r: 640, sil2rUnit: 'U/mL', patientId: 'P128' });
  });
  const site = await createSite({
    orders: ['S25-000128,25010500128,P128,模型 恵,,,F,smoldering,,,,,'],
  });
  const lookup = { kind: 'json', url: `${hospital.url}/{accession}`, timeoutSeconds: 0.3 };
  await site.configure({ lookup, worklist: { folder: 'worklist', scanSeconds: 0.2 } });
  site.start();
  await site.drop(NO_SIL2R, sample(NO_SIL2R));
  expect(await site.receives(1)).toMatchObject([{ status: 'P', order: '25010500128' }]);
  const alarms = (): unknown[] =>
    site.log.lines.filter(({ fields }) => fields['alert'] === 'lookup').map(({ fields }) => fields['event']);
  await until(() => expect(alarms()).toEqual(['raised']));
  works = true;
  expect(await site.receives(2)).toMatchObject([{}, { status: 'F', values: { CVRISK: 'R2' } }]);
  await until(() => expect(alarms()).toEqual(['raised', 'cleared']));
});

test('a result that still lacks sIL-2R is asked about again after a restart', async () => {
  let known: object = { order: 'ORD-8', patientId: 'P128', category: 'smoldering' };
  const hospital = await createHospital((_, response) => json(response, known));
  const site = await createSite();
  await site.configure({ lookup: { kind: 'json', url: `${hospital.url}/{accession}` } });
  const service = site.start();
  await site.drop(NO_SIL2R, sample(NO_SIL2R));
  expect(await site.receives(1)).toMatchObject([{ status: 'P', order: 'ORD-8' }]);
  await service.stop();
  known = { ...known, sil2r: 640, sil2rUnit: 'U/mL' };
  site.start();
  expect(await site.receives(2)).toMatchObject([{}, { status: 'F', values: { CVRISK: 'R2' } }]);
});
