import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { silentLog, type Fields, type Log } from '../../src/platform/log.ts';
import { createAlerts } from '../../src/alerts/alerts.ts';
import { EMPTY_BOOK, type Book } from '../../src/alerts/episodes.ts';
import type { SendAlert } from '../../src/alerts/sending.ts';
import { rulesOf, setUpDesk, FROM } from './support.ts';

const NIGHT = { quiet: { from: '22:00', to: '07:00' } };
/** 10:30 in Tokyo. */
const MORNING = '2025-11-22T01:30:00.000Z';
/** 23:00 in Tokyo. */
const LATE = '2025-11-22T14:00:00.000Z';

function recorded() {
  const lines: string[] = [];
  const line = (level: string) => (message: string, fields?: Fields) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const log: Log = { error: line('error'), warn: line('warn'), info: line('info'), debug: line('debug') };
  return { log, lines };
}

describe('an episode', () => {
  test('is told once when it begins, and once when it is over, with how long it lasted', async () => {
    const site = setUpDesk(MORNING);
    site.desk().clear('lis:main', 'main is back');
    site.desk().raise('lis:main', 'main is down: ECONNREFUSED');
    expect(await site.after(0)).toEqual(['main is down: ECONNREFUSED (2025-11-22 10:30)']);
    site.desk().raise('lis:main', 'main is down: ETIMEDOUT');
    expect(await site.after(130)).toEqual([]);
    site.desk().clear('lis:main', 'main is back');
    site.desk().clear('lis:main', 'main is back');
    expect(await site.after(0)).toEqual(['main is back after 2 h 10 min (2025-11-22 12:40)']);
    expect(site.desk().open()).toEqual([]);
    expect(site.kept().episodes).toEqual([]);
  });

  test('is in the log, with or without a channel', async () => {
    const { log, lines } = recorded();
    const site = setUpDesk(MORNING, {}, log);
    site.desk().raise('backup', 'no backup was made');
    await site.after(90);
    site.desk().clear('backup', 'a backup was made');
    expect(lines).toEqual([
      'error no backup was made {"alert":"backup","event":"raised"}',
      'info a backup was made after 1 h 30 min {"alert":"backup","event":"cleared"}',
    ]);
  });

  test('outlives a restart: it is not told again, and its end counts from its beginning', async () => {
    const site = setUpDesk(MORNING);
    site.desk().raise('folder:/srv', '/srv is unavailable');
    expect(await site.after(0)).toHaveLength(1);
    site.restart();
    site.desk().raise('folder:/srv', '/srv is unavailable');
    expect(await site.after(60)).toEqual([]);
    site.restart();
    site.desk().clear('folder:/srv', '/srv is available');
    expect(await site.after(0)).toEqual(['/srv is available after 1 h (2025-11-22 11:30)']);
  });

  test('outlives a reload; a channel that is new hears of what lasts and not of what is over', async () => {
    const site = setUpDesk(MORNING);
    site.desk().raise('lis:a', 'a is down');
    site.desk().tell('clock:jump', 'The clock jumped');
    await site.after(1);
    site.desk().configure({ from: FROM, channels: [{ rules: rulesOf('other'), send: site.send }] });
    expect(await site.after(0)).toEqual(['a is down (2025-11-22 10:30)']);
  });

  test('that ended while the service was down is told of once when it is back', async () => {
    const site = setUpDesk(MORNING);
    site.desk().raise('start', 'The service cannot start');
    await site.after(0);
    site.restart();
    site.desk().clear('start', 'The service runs again');
    expect(await site.after(3)).toHaveLength(1);
  });

  test('is kept before anybody is told of it, and by all means before the service ends', async () => {
    const kept: string[] = [];
    const told: string[] = [];
    const send: SendAlert = ({ lines }) => {
      told.push(`${kept.at(-1) ?? 'nothing'} kept, told: ${lines.length}`);
      return Promise.resolve({ kind: 'sent' });
    };
    const desk = createAlerts({
      ...{ log: silentLog, clock: { now: () => new Date(MORNING) }, elapsed: () => 0, book: EMPTY_BOOK },
      settings: { from: FROM, channels: [{ rules: rulesOf('team'), send }] },
      save: ({ episodes }) => kept.push(episodes.map(({ key }) => key).join(' ')),
    });
    desk.raise('start', 'The service ended');
    await desk.stop(1000);
    expect(told).toEqual(['start kept, told: 1']);
    desk.raise('disk', 'The disk is full');
    desk.tick();
    await desk.stop(0);
    expect(kept.at(-1)).toBe('start disk');
  });

  test.each([
    ['without a channel', [], 0],
    ['with a channel that fails', [rulesOf('team')], 500],
  ])('of ten thousand at once %s costs few writes, and is not kept for ever', async (_what, rules, most) => {
    const kept: Book[] = [];
    const send: SendAlert = () => Promise.resolve({ kind: 'failed', problem: 'ECONNREFUSED' });
    const desk = createAlerts({
      ...{ log: silentLog, clock: { now: () => new Date(MORNING) }, elapsed: () => 0, book: EMPTY_BOOK },
      settings: { from: FROM, channels: rules.map((one) => ({ rules: one, send })) },
      save: (book) => kept.push(book),
    });
    for (let file = 0; file < 10_000; file += 1) {
      desk.tell(`file:${file}`, 'A file was rejected');
      if (file % 1000 === 999) await desk.settled();
    }
    await desk.settled();
    expect(kept.length).toBeLessThan(30);
    expect(Math.max(...kept.map(({ episodes }) => episodes.length))).toBeLessThanOrEqual(most);
  });

  test('of which nothing more is heard lapses after a week', async () => {
    const site = setUpDesk(MORNING);
    site.desk().raise('control:4f', 'A control failed');
    await site.after(0);
    expect(await site.after(6 * 24 * 60)).toEqual([]);
    expect((await site.after(24 * 60)).join()).toContain('no longer followed after 7 days');
    expect(site.desk().open()).toEqual([]);
  });

  test('that comes and goes is told again only after five minutes', async () => {
    const site = setUpDesk(MORNING);
    for (let round = 0; round < 4; round++) {
      site.desk().raise('lis:main', 'main is down');
      await site.after(0.5);
      site.desk().clear('lis:main', 'main is back');
      await site.after(0.5);
    }
    site.got.splice(0);
    site.desk().raise('lis:main', 'main is down');
    expect(await site.after(0.5)).toEqual([]);
    const lines = await site.after(1);
    expect(lines).toHaveLength(4);
    expect(lines.at(-1)).toBe('main is down (2025-11-22 10:34)');
  });

  test('of a kind that is switched off is only logged', async () => {
    const site = setUpDesk(MORNING, { off: new Set(['file']) });
    site.desk().tell('file:1', 'A file was rejected');
    site.desk().raise('lis:main', 'main is down');
    expect(await site.after(0)).toEqual(['main is down (2025-11-22 10:30)']);
    expect(site.kept().episodes.map(({ key }) => key)).toEqual(['lis:main']);
  });

  test('never tells the same beginning twice, whatever comes and goes', async () => {
    const step = fc.oneof(
      fc.record({ does: fc.constantFrom('raise', 'clear'), key: fc.constantFrom('lis:a', 'backup') }),
      fc.record({ does: fc.constantFrom('pass', 'restart', 'fail', 'mend'), key: fc.constant('backup') }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const site = setUpDesk(LATE, NIGHT);
        const events: string[] = [];
        for (const { does, key } of steps) {
          const alert = key;
          if (does === 'raise') site.desk().raise(alert, `${key} began`);
          if (does === 'clear') site.desk().clear(alert, `${key} ended`);
          if (does === 'restart') site.restart();
          if (does === 'fail') site.fail('HTTP 500');
          if (does === 'mend') site.fail(null);
          site.clock.pass(does === 'pass' ? 400 : 6);
          site.desk().tick();
          await site.desk().settled();
          for (const { notices } of site.got.splice(0))
            for (const { event, episode } of notices) events.push(`${episode.id} ${event}`);
        }
        expect(new Set(events).size).toBe(events.length);
        for (const one of events.filter((event) => event.endsWith('ended')))
          expect(events).toContain(one.replace('ended', 'begun'));
      }),
      { numRuns: 60 },
    );
  });
});

describe('quiet hours', () => {
  test('hold back what can wait, and tell at their end, in one message, what still lasts', async () => {
    const site = setUpDesk(LATE, NIGHT);
    site.desk().raise('backup', 'backup failed');
    site.desk().raise('space', 'Only 12 MiB are free');
    site.desk().raise('job:summary', 'summary failed');
    site.desk().tell('file:1', 'A file was rejected');
    expect(await site.after(60)).toEqual([]);
    site.desk().clear('job:summary', 'summary works again');
    site.clock.to('2025-11-22T21:59:00.000Z');
    expect(await site.after(0)).toEqual([]);
    site.clock.pass(1);
    site.desk().tick();
    await site.desk().settled();
    expect(site.got.map(({ title, lines }) => [title, lines])).toEqual([
      [
        '3 alerts: backup failed (2025-11-22 23:00)',
        [
          'backup failed (2025-11-22 23:00)',
          'Only 12 MiB are free (2025-11-22 23:00)',
          'A file was rejected (2025-11-22 23:00)',
        ],
      ],
    ]);
  });

  test('let urgent ones pass, and their recovery', async () => {
    const site = setUpDesk(LATE, NIGHT);
    site.desk().raise('lis:main', 'main is down');
    expect(await site.after(0)).toEqual(['main is down (2025-11-22 23:00)']);
    site.desk().clear('lis:main', 'main is back');
    expect(await site.after(30)).toHaveLength(1);
  });

  test('are of each channel, on the clock of the laboratory', async () => {
    const site = setUpDesk('2025-11-22T13:30:00.000Z', NIGHT);
    site.desk().raise('backup', 'backup failed');
    expect(await site.after(0)).toEqual([]);
    const rules = rulesOf('team', { ...NIGHT, timeZone: 'Europe/Paris' });
    site.desk().configure({ from: FROM, channels: [{ rules, send: site.send }] });
    expect(await site.after(0)).toHaveLength(1);
  });
});

describe('a channel that fails', () => {
  test('is tried again, later each time, logged, and then told in one message what still matters', async () => {
    const { log, lines } = recorded();
    const site = setUpDesk(MORNING, {}, log);
    site.fail('HTTP 500');
    site.desk().raise('lis:main', 'main is down');
    await site.after(0);
    expect(lines.at(-1)).toBe(
      'error An alert was not sent {"channel":"team","alerts":["lis:main"],"problem":"HTTP 500","failures":1,"retryInMs":5000}',
    );
    site.desk().raise('backup', 'backup failed');
    await site.after(0.05);
    expect(lines.filter((line) => line.includes('not sent'))).toHaveLength(1);
    await site.after(0.05);
    expect(lines.at(-1)).toContain('"failures":2,"retryInMs":10000');
    site.fail(null);
    site.desk().clear('lis:main', 'main is back');
    expect(await site.after(1)).toEqual([
      'main is down (2025-11-22 10:30); over: main is back after 6 s',
      'backup failed (2025-11-22 10:30)',
    ]);
    expect(lines.some((line) => line.includes('An alert channel works again'))).toBe(true);
  });

  test('holds up no other one, and a service that stops waits for it no longer than it is told', async () => {
    const hangs: SendAlert = (_, signal) =>
      new Promise((resolve) =>
        signal.addEventListener('abort', () =>
          resolve({ kind: 'failed', problem: 'stopped before an answer' }),
        ),
      );
    const site = setUpDesk(MORNING);
    const got: string[] = [];
    const desk = createAlerts({
      ...{ log: recorded().log, clock: site.clock, elapsed: site.clock.elapsed, book: site.kept() },
      save: () => undefined,
      settings: {
        from: FROM,
        channels: [
          { rules: rulesOf('hangs'), send: hangs },
          {
            rules: rulesOf('works'),
            send: ({ title }) => {
              got.push(title);
              return Promise.resolve({ kind: 'sent' });
            },
          },
        ],
      },
    });
    desk.raise('lis:main', 'main is down');
    await new Promise((resolve) => setImmediate(resolve));
    desk.clear('lis:main', 'main is back');
    await desk.stop(50);
    expect(got).toEqual(['main is down (2025-11-22 10:30)', 'main is back after 0 s (2025-11-22 10:30)']);
  });
});
