import { expect, test } from 'vitest';
import { message, omlO33, oruSil2r, PID } from '../orders/messages.ts';
import { portOf } from '../orders/port.ts';
import { send } from '../orders/sender.ts';
import { createSite } from '../service/site.ts';
import { raisingd } from './command-line.ts';

const STRANGER = PID.replace('P123', 'P999');

test('raisingd orders lists what is known, what matches nothing, what is used in part and what was refused', async () => {
  const site = await createSite();
  await site.configure({ orders: { mllp: { port: 0 } } });
  site.start();
  await send(
    await portOf(site),
    omlO33('M1', { diagnosis: 'C91.5' }),
    oruSil2r('M2'),
    oruSil2r('M3', { pid: STRANGER, filler: 'CH9' }),
    oruSil2r('M4', { value: 'many' }),
    message('ADT^A01', 'M5', [PID]),
    omlO33('M6', { accession: 'S25-000555', order: '7', control: 'CA' }),
  );
  const { stdout, exitCode } = await raisingd('orders', '--config', site.config);
  expect(exitCode).toBe(0);
  expect(stdout.trimEnd().split('\n')).toEqual([
    expect.stringMatching(
      /^order {2}S25-000555 .* ORDER_CANCELLED \(message M6 from LIS\^HOSP\) {2}no trace yet$/,
    ),
    'order  S25-000123  order 25010500123  unknown (codes C91.5 mean no one category)  sIL-2R 1480 U/mL CLEIA 2025-01-04  no trace yet',
    'unmatched  sIL-2R 1480 U/mL CLEIA 2025-01-04  patient P999  message M3 from LIS^HOSP',
    expect.stringMatching(
      /^refused {2}ADT\^A01 {2}message M5 from LIS\^HOSP {2}AR {2}MSH-9 only OML, ORM and ORU are taken {2}1 times, last /,
    ),
    expect.stringMatching(
      /^refused {2}ORU\^R01 {2}message M4 from LIS\^HOSP {2}AE {2}OBX-5 is not a number above 0/,
    ),
    expect.stringMatching(/^taken in part {2}OML\^O33 {2}message M1 from LIS\^HOSP {2}ORC: no one category/),
  ]);

  const shown = await raisingd('orders', 'show', 'Ｓ25-000123', '--config', site.config);
  expect(shown.stdout).toContain('  sil2r by orders: message M2 from LIS^HOSP, ');
  expect(shown.stdout).toContain('patient P123 見本^一郎 1948-07-21 M');
  const asJson = await raisingd('orders', 'show', 'S25-000123', '--json', '--config', site.config);
  expect(JSON.parse(asJson.stdout)).toMatchObject({
    accession: 'S25-000123',
    context: { order: '25010500123', sil2r: { value: 1480 }, provenance: { sil2r: { source: 'orders' } } },
    statements: [{ kind: 'order' }, { kind: 'sil2r' }],
  });
  const unknown = await raisingd('orders', 'show', 'S0', '--config', site.config);
  expect(unknown).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('nothing was said of S0') as string,
  });
});
