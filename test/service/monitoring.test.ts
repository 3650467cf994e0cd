import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Behaviour } from '../../src/testlis/behaviour.ts';
import { createSite } from './site.ts';
import { CONTROL, FAILED, R4, sample } from './traces.ts';
import { until } from '../until.ts';

const WORKLIST =
  'S25-000123,ORD-1,PID-77,PLANTED^HANAKO,,1955-12-03,F,smoldering,1200,U/mL,CLEIA,2025-11-19,';
const shipped = (name: string): string =>
  readFileSync(new URL(`../../config/monitoring/${name}`, import.meta.url), 'utf8');
/** Suffixes that a histogram puts behind its name. */
const bare = (name: string): string => name.replace(/_(bucket|sum|count)$/, '');

type Site = Awaited<ReturnType<typeof createSite>>;

async function addressOf(site: Site): Promise<string> {
  return until(() => {
    const line = site.log.lines.findLast(({ message }) => message === 'Health and metrics are offered');
    const address = line?.fields['address'];
    if (typeof address !== 'string') throw new Error('it does not listen yet');
    return address;
  });
}

async function figures(base: string): Promise<ReadonlyMap<string, number>> {
  const text = await (await fetch(`${base}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      Number(line.slice(line.lastIndexOf(' ') + 1)),
    ]),
  );
}

test('the figures of a day are those of what happened, survive a reload, and name nobody', async () => {
  const site = await createSite({ orders: [WORKLIST] });
  await site.configure({ listen: { port: 0 } });
  const service = site.start();
  const base = await addressOf(site);

  await until(async () => {
    const ready = await fetch(`${base}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      {
        ready: true,
        checks: {
          database: { ok: true, detail: '' },
          intake: { ok: true, detail: '' },
          couriers: { ok: true, detail: '' },
        },
      },
    ]);
  });
  expect((await fetch(`${base}/healthz`)).status).toBe(200);

  await site.drop(R4, sample(R4));
  await site.drop(FAILED, sample(FAILED));
  await site.drop(CONTROL, sample(CONTROL));
  await site.receives(1);
  await site.holds(1);
  await site.sees((store) => store.controls.since(new Date(0))[0]);

  const expected = {
    'raisingd_traces_total{outcome="released",tier="high"}': 1,
    'raisingd_traces_total{outcome="held",tier="none"}': 1,
    'raisingd_traces_total{outcome="control",tier="high"}': 1,
    raisingd_scoring_seconds_count: 3,
    'raisingd_folder_to_ack_seconds_count{destination="main"}': 1,
    'raisingd_acks_total{destination="main",code="AA"}': 1,
    'raisingd_outbox_messages{destination="main",state="queued"}': 0,
    'raisingd_destination_up{destination="main"}': 1,
    'raisingd_courier_alive{destination="main"}': 1,
    raisingd_results_held: 1,
    'raisingd_controls_total{kind="positive",verdict="passed"}': 1,
    'raisingd_control_cv{kind="positive"}': 1,
    raisingd_intake_up: 1,
    raisingd_intake_restarts_total: 0,
  };
  const seen = await until(async () => {
    const found = await figures(base);
    expect(Object.fromEntries(found)).toMatchObject(expected);
    expect(found.get(`raisingd_folder_available{folder="${site.incoming}"}`)).toBe(1);
    return found;
  });
  for (const name of ['raisingd_database_bytes', 'raisingd_disk_free_bytes', 'raisingd_cpu_seconds_total']) {
    expect(seen.get(name), name).toBeGreaterThan(0);
  }
  for (const process of ['service', 'intake']) {
    expect(seen.get(`raisingd_resident_memory_bytes{process="${process}"}`)).toBeGreaterThan(20_000_000);
  }
  // Made up for at the first start, as there was none.
  const now = Date.now() / 1000;
  await until(async () => {
    const backup = (await figures(base)).get('raisingd_last_backup_timestamp_seconds') ?? 0;
    expect(now - backup).toBeLessThan(120);
  });

  const text = await (await fetch(`${base}/metrics`)).text();
  for (const name of ['PLANTED', 'HANAKO', 'PID-77', 'S25-000123', '.ab1', 'TLOM1', 'ORD-1']) {
    expect(text).not.toContain(name);
  }

  await service.reload();
  await until(async () => expect((await figures(base)).get('raisingd_intake_up')).toBe(1));
  expect(Object.fromEntries(await figures(base))).toMatchObject({
    ...expected,
    raisingd_scoring_seconds_count: 3,
  });
});

test('a refusal and an outage of the LIS show, and a reload without listen ends the answers', async () => {
  const refuse: Behaviour = { kind: 'answer', code: 'AE' };
  const site = await createSite({ behave: () => refuse });
  await site.configure({ listen: { port: 0 } });
  const service = site.start();
  const base = await addressOf(site);
  await site.drop(R4, sample(R4));
  await until(async () => {
    const found = await figures(base);
    expect(found.get('raisingd_acks_total{destination="main",code="AE"}')).toBe(1);
    expect(found.get('raisingd_outbox_messages{destination="main",state="held"}')).toBe(1);
  });

  await site.configure({});
  await service.reload();
  await expect(fetch(`${base}/healthz`)).rejects.toThrow();
});

test('every figure that the dashboard and the alert rules name is one of /metrics', async () => {
  const site = await createSite();
  await site.configure({ listen: { port: 0 } });
  site.start();
  const base = await addressOf(site);
  const text = await (await fetch(`${base}/metrics`)).text();
  const offered = new Set([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name = '']) => name));
  const rules = parse(shipped('alerts.yaml')) as { groups: { rules: { expr: string }[] }[] };
  const dashboard = JSON.parse(shipped('grafana.json')) as { panels: { targets: { expr: string }[] }[] };
  const expressions = [
    ...rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
    ...dashboard.panels.flatMap((panel) => panel.targets.map(({ expr }) => expr)),
  ];
  const named = new Set(expressions.flatMap((expr) => expr.match(/\braisingd_\w+/g) ?? []));
  expect(named.size).toBeGreaterThan(20);
  expect([...named].filter((name) => !offered.has(name) && !offered.has(bare(name)))).toEqual([]);
});
