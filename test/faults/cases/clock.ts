import { readdirSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createJournalReader } from '../checker/journal.ts';
import { alarms } from '../framework/alarms.ts';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import type { Daemon, LogLine } from '../framework/daemon.ts';
import { mainDestination } from '../framework/destination.ts';
import { createWall } from '../framework/faketime.ts';
import { wellBehaved } from '../framework/receiver.ts';
import type { Site } from '../framework/site.ts';
import { seconds } from '../framework/stopwatch.ts';
import { until } from '../framework/wait.ts';

/** Seconds since 1970. */
const LISTED = 1_700_000_000;
const DAY = 86_400;
const HOUR_MS = 3_600_000;
const HEADER = 'accession,order,patientId,category,sil2r,sil2rUnit,sil2rMethod,sil2rDate,collected';

/** A laboratory with a worklist: preliminary results become final, and final ones corrected, when it changes. */
async function siteWithOrders(bench: Bench, config: Readonly<Record<string, unknown>> = {}) {
  const worklist = bench.folder();
  const site = await bench.site({ config: { worklist: { folder: worklist, scanSeconds: 0.2 }, ...config } });
  /** One more version of each result: preliminary without sIL-2R, then final, then corrected each time. */
  const tell = (samples: readonly string[], version: number): void => {
    const rows = samples.map((sample) => {
      const sil2r = version === 0 ? ',,,' : `${String(400 + 100 * version)},U/mL,CLEIA,`;
      return `${sample},ORD-${sample},P1,smoldering,${sil2r},`;
    });
    writeFileSync(join(worklist, '.draft'), `${[HEADER, ...rows].join('\n')}\n`);
    // Older than any clock of the daemon: a list of a time to come is not believed.
    utimesSync(join(worklist, '.draft'), LISTED + version, LISTED + version);
    renameSync(join(worklist, '.draft'), join(worklist, 'orders.csv'));
  };
  // With sIL-2R among the values, no two corrections say the same.
  site.configure({ lis: [mainDestination(site.lis, { message: { sil2r: true } })] });
  return { site, tell };
}

interface Report {
  readonly status: string;
  /** OBR-22 as a moment. */
  readonly at: number;
  readonly text: string;
}

/** What the LIS received of each result, in order, repeats left out. */
function reports(site: Site): ReadonlyMap<string, readonly Report[]> {
  const found = new Map<string, Report[]>();
  const seen = new Set<string>();
  for (const line of createJournalReader(site.lis.journal)()) {
    if (line.kind !== 'received') continue;
    const segments = line.bytes.toString('utf8').split('\r');
    const field = (id: string, at: number): string =>
      segments.find((one) => one.startsWith(`${id}|`))?.split('|')[at] ?? '';
    if (seen.has(field('MSH', 9))) continue;
    seen.add(field('MSH', 9));
    const [key, text] = [field('OBR', 3), field('OBR', 22)];
    found.set(key, [...(found.get(key) ?? []), { status: field('OBR', 25), at: momentOf(text), text }]);
  }
  return found;
}

function momentOf(text: string): number {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})([+-]\d{2})(\d{2})$/.exec(text);
  if (match === null) throw new Error(`OBR-22 is no time with an offset: ${text}`);
  const [year, month, day, hour, minute, second, hours, minutes] = match.slice(1);
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}${hours}:${minutes}`);
}

/** A LIS drops what is older than what it has: OBR-22 has to grow with each message about a result. */
function expectForwards(site: Site, versions: number): void {
  for (const [key, list] of reports(site)) {
    const times = list.map(({ text }) => text).join(', ');
    expect(list.length === versions, `${key} was told ${versions} times: ${times}`);
    expect(
      list.every(({ at }, index) => index === 0 || at > (list[index - 1]?.at ?? Infinity)),
      `OBR-22 of ${key} grows: ${times}`,
    );
  }
}

async function toldTimes(site: Site, bench: Bench, versions: number): Promise<void> {
  await until(() => [...reports(site).values()].every((list) => list.length >= versions), {
    ...{ signal: bench.signal, everyMs: 100 },
    what: `version ${versions} of each result is acknowledged`,
  });
}

/** Waits until the daemon writes so many seconds ahead of the machine's clock into its log, to within an hour. */
async function clockIs(daemon: Daemon, ahead: number, from: number, bench: Bench): Promise<void> {
  const isSo = ({ at }: LogLine): boolean =>
    Math.abs(Date.parse(String(at)) - Date.now() - 1000 * ahead) < HOUR_MS;
  await until(() => daemon.log.slice(from).some(isSo), {
    signal: bench.signal,
    what: `the daemon's own clock is ${ahead} s ahead`,
  });
}

/** The clock jumps while messages wait for their next try and while corrections are made. */
async function jumps(bench: Bench): Promise<Measured> {
  const wall = createWall(bench);
  const { site, tell } = await siteWithOrders(bench);
  const samples = ['S000001', 'S000002', 'S000003'];
  tell(samples, 0);
  const daemon = site.start({ env: wall.env });
  await daemon.ready();
  site.drop(samples.length);
  await until(() => reports(site).size === samples.length, {
    signal: bench.signal,
    what: 'all are preliminary',
  });
  // Not back to where it began: between two looks of the daemon at its clock that would be no jump.
  const jumpsBy = [-DAY, DAY, -7200, 2 * DAY, -3 * DAY];
  let longest = 0;
  for (const [index, ahead] of jumpsBy.entries()) {
    // The next try is noted in the old time.
    const refusing = new Set<string>();
    site.lis.behave(({ controlId, socket }) => {
      refusing.add(controlId);
      socket.destroy();
    });
    tell(samples, index + 1);
    await until(() => refusing.size === samples.length, {
      signal: bench.signal,
      what: 'each waits for its next try',
    });
    const before = daemon.log.length;
    wall.set(ahead);
    site.lis.behave(wellBehaved);
    const began = performance.now();
    await toldTimes(site, bench, index + 2);
    longest = Math.max(longest, seconds(began));
    await clockIs(daemon, ahead, before, bench);
    expect(daemon.isRunning(), 'it runs on');
  }
  expectForwards(site, jumpsBy.length + 1);
  await until(() => alarms(daemon, 'clock:jump', 'raised') > 0, {
    signal: bench.signal,
    what: 'an alarm says that the clock jumped',
  });
  return {
    injections: jumpsBy.length,
    ...judgement(await site.settled()),
    recoveredSeconds: longest,
    note:
      'a day back, two forward, and so on, as the daemon’s own log shows, with messages waiting for their next try; OBR-22 ' +
      `grew each time, and an alarm told of the jump`,
  };
}

/** A moment of the calendar at which clocks or dates do something special. */
interface Crossing {
  readonly name: string;
  readonly timeZone: string;
  /** The moment itself, UTC. */
  readonly at: string;
  /** What OBR-22 begins with, before and after it. */
  readonly before: string;
  readonly after: string;
}

const CROSSINGS: readonly Crossing[] = [
  {
    name: 'clocks go forward',
    timeZone: 'Europe/Berlin',
    at: '2026-03-29T01:00:00Z',
    before: '2026032901',
    after: '2026032903',
  },
  {
    name: 'clocks go back',
    timeZone: 'Europe/Berlin',
    at: '2026-10-25T01:00:00Z',
    before: '2026102502',
    after: '2026102502',
  },
  {
    name: 'leap day begins',
    timeZone: 'Asia/Tokyo',
    at: '2028-02-28T15:00:00Z',
    before: '20280228',
    after: '20280229',
  },
  {
    name: 'leap day ends',
    timeZone: 'Asia/Tokyo',
    at: '2028-02-29T15:00:00Z',
    before: '20280229',
    after: '20280301',
  },
  {
    name: 'year ends',
    timeZone: 'Asia/Tokyo',
    at: '2027-12-31T15:00:00Z',
    before: '20271231',
    after: '20280101',
  },
];

/** The daemon starts and reports so long before the moment, and is then put to just before it. */
const EARLY_SECONDS = 600;
const LEAD_SECONDS = 2;

async function cross(bench: Bench, { name, timeZone, at, before, after }: Crossing): Promise<Measured> {
  const backups = bench.folder();
  const { site, tell } = await siteWithOrders(bench, {
    site: { timeZone },
    upkeep: { backup: { folder: backups, cron: '*/3 * * * * *', keep: 50 } },
  });
  const ahead = (lead: number): number => Math.round((Date.parse(at) - Date.now()) / 1000) - lead;
  const wall = createWall(bench, ahead(EARLY_SECONDS));
  tell(['S000001'], 0);
  const daemon = site.start({ env: wall.env });
  await daemon.ready();
  site.drop(1);
  await until(() => reports(site).size === 1, { signal: bench.signal, what: 'it is preliminary' });
  const near = ahead(LEAD_SECONDS);
  wall.set(near);
  await until(() => Date.now() + 1000 * near > Date.parse(at) + 1000, {
    signal: bench.signal,
    what: 'the moment is over',
  });
  const copies = readdirSync(backups).length;
  tell(['S000001'], 1);
  await toldTimes(site, bench, 2);
  expectForwards(site, 2);
  const texts = [...reports(site).values()].flat().map(({ text }) => text);
  expect(
    texts[0]?.startsWith(before) === true && texts[1]?.startsWith(after) === true,
    `${name}: ${texts.join(', ')}`,
  );
  await until(() => readdirSync(backups).length > copies, {
    signal: bench.signal,
    what: `${name}: jobs go on`,
  });
  const { lost, duplicated } = judgement(await site.settled());
  await daemon.stop();
  return { injections: 1, lost, duplicated, recoveredSeconds: null, note: `${name} ${texts.join(' -> ')}` };
}

async function calendar(bench: Bench): Promise<Measured> {
  const all = await Promise.all(CROSSINGS.map((crossing) => cross(bench, crossing)));
  const sum = (of: 'lost' | 'duplicated'): number => all.reduce((total, one) => total + (one[of] ?? 0), 0);
  return {
    injections: all.length,
    lost: sum('lost'),
    duplicated: sum('duplicated'),
    recoveredSeconds: null,
    note: all.map(({ note }) => note).join('; '),
  };
}

export const clockCases: readonly FaultCase[] = [
  {
    name: 'time: the clock jumps by days',
    expected: 'tries go on, and OBR-22 of a result never goes backwards',
    needs: ['faketime'],
    run: jumps,
  },
  {
    name: 'time: summer time, leap day, new year',
    expected: 'OBR-22 grows across them, dates are right, jobs go on',
    needs: ['faketime'],
    run: calendar,
  },
];
