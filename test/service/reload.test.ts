import { once } from 'node:events';
import { readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSite } from './site.ts';
import { R4, sample } from './traces.ts';
import { until } from '../until.ts';

describe('a configuration that is saved while the service runs', () => {
  test('is taken by itself, however the editor saves it, and the audit log says what changed', async () => {
    const site = await createSite();
    const child = site.spawn();
    await site.sees((store) => store.audit.verify());
    const events = (action: string): string[] =>
      site
        .look((store) => store.audit.about(['service']))
        .filter((event) => event.action === action)
        .map(({ detail }) => JSON.stringify(detail));
    const original = await readFile(site.config, 'utf8');

    // Truncated, and written a moment later.
    await truncate(site.config);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await writeFile(site.config, `${original}site: { facility: ROOM2 }\n`);
    await until(() => expect(events('config.changed')).toHaveLength(1));
    expect(events('config.changed')[0]).toContain('site.facility: \\"SEQROOM\\" -> \\"ROOM2\\"');

    // Under another name, and renamed; a fault in it.
    const draft = join(site.root, '.raisingd.yaml.swp');
    await writeFile(draft, `${original}watsh: {}\n`);
    await rename(draft, site.config);
    await until(() => expect(events('config.refused')).toHaveLength(1));
    expect(events('config.changed')).toHaveLength(1);

    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    // The half-written file has never been a fault.
    expect(events('config.refused')).toHaveLength(1);
  });
});

test('a delivery that is under way is finished by a reload, and nothing is sent anew', async () => {
  const site = await createSite({ behave: () => ({ kind: 'late', ms: 1500 }) });
  const service = site.start();
  await site.drop(R4, sample(R4));
  await site.receives(1);
  await site.configure({ site: { facility: 'ROOM2' } });
  await service.reload();
  const item = await site.sees((store) => store.outbox.list({ states: ['delivered'], limit: 1 })[0]);
  expect(item.attempts).toBe(1);
  expect(await site.received()).toHaveLength(1);
});
