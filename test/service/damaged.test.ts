import { once } from 'node:events';
import { readFileSync, readdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSite } from './site.ts';

test('a service whose database is damaged does not start, says so as an alarm, and keeps a copy', async () => {
  const site = await createSite();
  await site.start().stop();
  const data = join(site.root, 'data');
  truncateSync(join(data, 'raisingd.db'), 6000);
  expect(await once(site.spawn(), 'exit')).toEqual([1, null]);
  const alerts: unknown = JSON.parse(readFileSync(join(data, 'alerts.json'), 'utf8'));
  expect(alerts).toMatchObject({
    episodes: [{ key: 'start', ended: null, text: expect.stringMatching(/cannot start: .* is damaged/) }],
  });
  expect(readdirSync(data).filter((name) => name.startsWith('damaged-'))).toHaveLength(1);
});
