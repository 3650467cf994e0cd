import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSite } from './site.ts';
import { CONTROL, FAILED, NO_SIL2R, POLYCLONAL, R4, injectedAgain, reanalysed, sample } from './traces.ts';

const ORDER_123 =
  'S25-000123,25010500123,P123,見本 一郎,ミホン イチロウ,1948-07-21,M,smoldering,1480,U/mL,CLEIA,2025-01-04,2025-01-05T09:40';

describe('a trace that a sequencer has finished', () => {
  test('reaches the LIS with order, patient, Cv, tier and region', async () => {
    const site = await createSite({ orders: [ORDER_123] });
    site.start();
    await site.drop(R4, sample(R4));
    const [message] = await site.receives(1);
    expect(message).toMatchObject({
      accession: 'S25-000123',
      order: '25010500123',
      status: 'F',
      patient: '見本',
      values: { CVTIER: 'HIGH', CVRISK: 'R4' },
    });
    expect(Number(message?.values['CV'])).toBeCloseTo(0.73, 1);
    await site.sees((store) => store.outbox.list({ states: ['delivered'], limit: 1 })[0]);
  });

  test('is sent under its accession alone where no source of orders is configured', async () => {
    const site = await createSite();
    site.start();
    await site.drop(R4, sample(R4));
    const [message] = await site.receives(1);
    expect(message).toMatchObject({ accession: 'S25-000123', order: '', values: { CVTIER: 'HIGH' } });
    expect(message?.values).not.toHaveProperty('CVRISK');
  });

  test('gives one result when the same content lies under two names', async () => {
    const site = await createSite();
    site.start();
    await site.drop(R4, sample(R4));
    await site.receives(1);
    await copyFile(join(site.incoming, R4), join(site.incoming, 'S25-000123_copy.ab1'));
    await site.drop(POLYCLONAL, sample(POLYCLONAL));
    await site.sees((store) => ([...store.sightings.all()].length === 3 ? true : null));
    expect((await site.receives(2)).map(({ accession }) => accession)).toEqual(['S25-000123', 'S25-000122']);
  });

  test('is held when it has no value, and tells why', async () => {
    const site = await createSite();
    site.start();
    await site.drop(FAILED, sample(FAILED));
    expect(await site.holds(1)).toEqual([['ANCHOR_NOT_FOUND']]);
    expect(await site.received()).toEqual([]);
  });

  test('is kept and never sent when it is a control', async () => {
    const site = await createSite();
    site.start();
    await site.drop(CONTROL, sample(CONTROL));
    await site.drop(R4, sample(R4));
    await site.receives(1);
    const control = await site.sees((store) => store.results.byAccession('POS-TLOM1')[0]);
    expect(site.look((store) => store.results.latest(control.id)?.disposition)).toBe('control');
    expect((await site.received()).map(({ accession }) => accession)).toEqual(['S25-000123']);
  });

  test('is held when sample name and file name hold different accessions', async () => {
    const site = await createSite();
    site.start();
    await site.drop('S25-000999_C01.ab1', sample(R4));
    expect(await site.holds(1)).toEqual([['ACCESSION_MISMATCH']]);
  });
});

describe('a specimen that has a value already', () => {
  test('is held when the instrument analyses the same injection again', async () => {
    const site = await createSite();
    site.start();
    await site.drop(R4, sample(R4));
    await site.receives(1);
    await site.drop(R4, reanalysed(sample(R4)));
    expect(await site.holds(1)).toEqual([['REANALYSED']]);
    expect(await site.received()).toHaveLength(1);
  });

  test('is held when it is injected again', async () => {
    const site = await createSite();
    site.start();
    await site.drop(R4, sample(R4));
    await site.receives(1);
    await site.drop('S25-000123_D01.ab1', injectedAgain(sample(R4)));
    expect(await site.holds(1)).toEqual([['REPEAT_INJECTION']]);
  });

  test('is reported under the key of its failed first try when the repeat passes', async () => {
    const site = await createSite();
    site.start();
    await site.drop('S25-000129_A02.ab1', sample(FAILED));
    await site.holds(1);
    await site.drop('S25-000129_B02.ab1', renamed(sample(R4), 'S25-000123', 'S25-000129'));
    const [message] = await site.receives(1);
    const results = site.look((store) => store.results.byAccession('S25-000129'));
    expect(results.map(({ key }) => key)).toEqual([message?.resultKey]);
    expect(site.look((store) => store.results.heldCount())).toBe(0);
  });
});

describe('an order that comes after its trace', () => {
  test('releases the result that waited for it', async () => {
    const site = await createSite({ orders: [] });
    site.start();
    await site.drop(R4, sample(R4));
    expect(await site.holds(1)).toEqual([['NO_ORDER']]);
    await site.orders([ORDER_123]);
    const [message] = await site.receives(1);
    expect(message).toMatchObject({ order: '25010500123', status: 'F', values: { CVRISK: 'R4' } });
    expect(site.look((store) => store.results.heldCount())).toBe(0);
  });

  test('makes a preliminary result final when it brings sIL-2R', async () => {
    const order = (sil2r: string): string => `S25-000128,25010500128,P128,模型 恵,,,F,smoldering,${sil2r}`;
    const site = await createSite({ orders: [order(',,,,')] });
    site.start();
    await site.drop(NO_SIL2R, sample(NO_SIL2R));
    const [first] = await site.receives(1);
    expect(first?.status).toBe('P');
    expect(first?.values).not.toHaveProperty('CVRISK');
    await site.orders([order('640,U/mL,CLEIA,2025-01-06,')]);
    const [, second] = await site.receives(2);
    expect(second).toMatchObject({ status: 'F', resultKey: first?.resultKey, values: { CVRISK: 'R2' } });
    expect(second?.controlId).not.toBe(first?.controlId);
  });
});

/** The same trace under another sample name of the same length. */
function renamed(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const copy = Buffer.from(bytes);
  for (let at = copy.indexOf(from); at !== -1; at = copy.indexOf(from, at + 1)) copy.write(to, at);
  return copy;
}
