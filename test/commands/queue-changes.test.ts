import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, test, vi } from 'vitest';
import { stringify } from 'yaml';
import { addQueueCommand } from '../../src/commands/queue.ts';
import { DATABASE_FILE } from '../../src/store/file.ts';
import type { Store } from '../../src/store/store.ts';
import { messageBytes } from '../deliver/support/memory-outbox.ts';
import { NOW, enqueueAgain, later, recordTrace, tempFolder, tempStore, versionOf } from '../store/support.ts';
import type { Recorded } from '../store/support.ts';

const SECOND = 1000;

type Named = string | { readonly name: string; readonly formerly: readonly string[] };

/** A laboratory whose database a test fills, and the command as a person gives it. */
function laboratory(destinations: readonly Named[] = ['main', 'second']) {
  const folder = tempFolder();
  const config = join(folder, 'raisingd.yaml');
  const lis = (names: readonly Named[]): object[] =>
    names.map((one) => ({
      ...(typeof one === 'string' ? { name: one } : one),
      mllp: { host: '127.0.0.1', port: 1 },
    }));
  const configure = (names: readonly Named[]): void =>
    writeFileSync(config, stringify({ dataDir: '.', lis: lis(names) }));
  configure(destinations);
  const store = tempStore(join(folder, DATABASE_FILE));
  const queue = async (...args: string[]): Promise<string> => {
    const written: string[] = [];
    const silent = { writeOut: () => undefined, writeErr: () => undefined };
    const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      written.push(String(chunk));
      return true;
    });
    try {
      const program = new Command().exitOverride().configureOutput(silent);
      addQueueCommand(program);
      await program.parseAsync(['queue', ...args, '--config', config], { from: 'user' });
    } finally {
      stdout.mockRestore();
    }
    return written.join('');
  };
  return { store, queue, configure };
}

/** What a result becomes that is corrected. */
const nextVersion = (store: Store, result: Recorded): Recorded => {
  const analysisId = store.results.latest(result.resultId)?.analysisId ?? 0;
  return { ...result, versionId: store.results.addVersion(versionOf(result.resultId, analysisId)).id };
};

const stateOf = (store: Store, id: number): string | undefined => store.outbox.show(id)?.item.state;
/** Who did what to a message, in order. */
const lines = (store: Store, id: number): string[] =>
  store.outbox.show(id)?.conversation.map(({ actor, event }) => `${actor ?? 'try'}: ${event}`) ?? [];

describe('raisingd queue show', () => {
  test('tells the message field by field and the whole conversation, with the words of the LIS', async () => {
    const { store, queue } = laboratory();
    const { entryId, key, versionId } = recordTrace(store, 'S25-1');
    const id = store.outbox.enqueue({
      ...{
        controlId: 'RD9',
        destination: 'main',
        resultKey: key,
        resultVersionId: versionId,
        createdAt: NOW,
      },
      bytes: messageBytes('RD9'),
    });
    store.outbox.markRetry(id, later(SECOND), later(9 * SECOND), 'no answer within 30 s', false);
    store.outbox.markHeld(
      id,
      later(9 * SECOND),
      'AE, 103 table value not found',
      '不明なコード\nerror 103 at OBX[1]-3',
    );
    await queue('retry', String(id), '--by', 'tanaka', '--reason', 'code table mended');
    const shown = await queue('show', String(id));
    expect(shown).toContain('PID-5   patient name                山田 ^ 太郎');
    expect(shown.split('\n').slice(-6, -1)).toEqual([
      `${later(SECOND).toISOString()}  no answer within 30 s`,
      `${later(9 * SECOND).toISOString()}  AE, 103 table value not found`,
      '    the LIS: 不明なコード',
      '    the LIS: error 103 at OBX[1]-3',
      expect.stringMatching(/ {2}tanaka: retried: code table mended$/),
    ]);
    expect(await queue('show', String(id), '--raw')).toContain('|山田^太郎^^^^^L^I|');
    const json = JSON.parse(await queue('show', String(id), '--json')) as Record<string, unknown>;
    expect(json).toMatchObject({ item: { controlId: 'RD9' }, conversation: [{}, {}, {}] });
    expect(stateOf(store, entryId)).toBe('queued');
  });

  test('lets nothing that a LIS wrote steer the terminal', async () => {
    const { store, queue } = laboratory();
    const { entryId } = recordTrace(store, 'S25-1');
    store.outbox.markHeld(entryId, NOW, 'AE', '\u001b[2Jgone');
    expect(await queue('show', String(entryId))).toContain('the LIS: ·[2Jgone');
  });
});

describe('raisingd queue retry --all', () => {
  test('sends again what is held or waits, of one destination or of all', async () => {
    const { store, queue } = laboratory();
    const [a, b, c] = ['A', 'B', 'C'].map((name) => recordTrace(store, name).entryId) as [
      number,
      number,
      number,
    ];
    const other = recordTrace(store, 'D', NOW, 'second').entryId;
    store.outbox.markHeld(a, NOW, 'AE');
    store.outbox.markHeld(other, NOW, 'AE');
    store.outbox.markRetry(b, NOW, later(900 * SECOND), 'AR', true);
    store.outbox.markDelivered(c, NOW, 'AA');
    expect(await queue('retry', '--all', '--destination', 'main', '--by', 'tanaka')).toContain(
      '2 messages\n',
    );
    expect([a, b, c, other].map((id) => stateOf(store, id))).toEqual([
      'queued',
      'queued',
      'delivered',
      'held',
    ]);
    expect(await queue('retry', '--all')).toContain('1 messages\n');
    expect(stateOf(store, other)).toBe('queued');
    expect(lines(store, a)).toEqual(['try: AE', 'tanaka: retried']);
  });

  test('is not meant where a message is named too, or where none is', async () => {
    const { queue } = laboratory();
    await expect(queue('retry')).rejects.toThrow('name one message, or use --all');
    await expect(queue('retry', '1', '--all')).rejects.toThrow('name one message, or use --all');
    await expect(queue('retry', '1', '--destination', 'main')).rejects.toThrow('goes with --all');
  });
});

test('a message that is held by a person is not sent until a person retries it', async () => {
  const { store, queue } = laboratory();
  const { entryId } = recordTrace(store, 'S25-1');
  await queue('hold', String(entryId), '--by', 'tanaka');
  expect(store.outbox.next('main', later(SECOND))).toBeNull();
  await queue('retry', String(entryId));
  expect(store.outbox.next('main', later(SECOND))?.id).toBe(entryId);
});

test('dropping asks for a reason that says something', async () => {
  const { store, queue } = laboratory();
  const { entryId } = recordTrace(store, 'S25-1');
  await expect(queue('drop', String(entryId))).rejects.toThrow('--reason');
  await expect(queue('drop', String(entryId), '--reason', ' ')).rejects.toThrow('must not be empty');
  expect(stateOf(store, entryId)).toBe('queued');
  await queue('drop', String(entryId), '--reason', 'entered by hand', '--by', 'tanaka');
  expect(lines(store, entryId)).toEqual(['tanaka: dropped: entered by hand']);
});

test('a message that the LIS has stays delivered, though it refused it when it was resent', async () => {
  const { store, queue } = laboratory();
  const { entryId, resultId, controlId } = recordTrace(store, 'S25-1');
  store.outbox.markDelivered(entryId, NOW, 'AA');
  await queue('resend', String(entryId), '--reason', 'asked by the ward', '--by', 'tanaka');
  store.outbox.markHeld(entryId, later(SECOND), 'AE, 205 duplicate key identifier');
  expect(await queue('drop', String(entryId), '--reason', 'it has it', '--by', 'tanaka')).toContain(
    'delivered',
  );
  expect(stateOf(store, entryId)).toBe('delivered');
  expect(store.results.lastSent(resultId, ['main'])?.controlId).toBe(controlId);
  expect(lines(store, entryId)).toEqual([
    'try: AA',
    'tanaka: resent: asked by the ward',
    'try: AE, 205 duplicate key identifier',
    'tanaka: dropped: it has it',
  ]);
});

describe('raisingd queue resend', () => {
  const why = ['--reason', 'LIS restored from backup', '--by', 'tanaka'];

  test('sends a delivered message once more with the same bytes and the same control ID', async () => {
    const { store, queue } = laboratory();
    const { entryId, controlId } = recordTrace(store, 'S25-1');
    const before = store.outbox.show(entryId)?.bytes;
    store.outbox.markDelivered(entryId, NOW, 'AA');
    await queue('resend', String(entryId), ...why);
    expect(store.outbox.next('main', NOW)).toMatchObject({ id: entryId, controlId, bytes: before });
    store.outbox.markDelivered(entryId, later(SECOND), 'AA');
    expect(lines(store, entryId)).toEqual(['try: AA', 'tanaka: resent: LIS restored from backup', 'try: AA']);
    expect(store.audit.verify()).toMatchObject({ ok: true });
  });

  test('does not send what a later message has replaced: it would arrive as the news', async () => {
    const { store, queue } = laboratory();
    const first = recordTrace(store, 'S25-1');
    const correction = enqueueAgain(store, first, later(SECOND));
    for (const id of [first.entryId, correction]) store.outbox.markDelivered(id, later(2 * SECOND), 'AA');
    await expect(queue('resend', String(first.entryId), ...why)).rejects.toThrow(
      `message ${correction} came after it for the same result`,
    );
    expect(stateOf(store, first.entryId)).toBe('delivered');
    await queue('resend', String(correction), ...why);
    expect(stateOf(store, correction)).toBe('queued');
  });

  test('does not send what was never delivered, nor what retention has removed', async () => {
    const { store, queue } = laboratory();
    const { entryId } = recordTrace(store, 'S25-1');
    await expect(queue('resend', String(entryId), ...why)).rejects.toThrow('is queued: it cannot be resent');
    store.outbox.markDelivered(entryId, NOW, 'AA', 'its own words');
    store.transaction(() => store.outbox.removeBytes(later(SECOND), later(SECOND), 10));
    await expect(queue('resend', String(entryId), ...why)).rejects.toThrow('retention has removed its text');
    expect(store.outbox.show(entryId)?.conversation).toMatchObject([{ event: 'AA', answer: null }]);
  });

  test('does nothing at all where one of them went to a destination that is gone', async () => {
    const { store, queue } = laboratory();
    const here = recordTrace(store, 'A').entryId;
    const gone = recordTrace(store, 'B', NOW, 'old').entryId;
    for (const id of [here, gone]) store.outbox.markDelivered(id, NOW, 'AA');
    await expect(queue('resend', '--all', '--since', NOW.toISOString(), ...why)).rejects.toThrow(
      `message ${gone} went to old, which is no longer configured; nothing was changed`,
    );
    expect([here, gone].map((id) => stateOf(store, id))).toEqual(['delivered', 'delivered']);
  });

  test('reaches every destination that was sent the same version', async () => {
    const { store, queue } = laboratory();
    const first = recordTrace(store, 'S25-1');
    const second = enqueueAgain(store, first, NOW, 'second');
    for (const id of [first.entryId, second]) store.outbox.markDelivered(id, NOW, 'AA');
    expect(await queue('resend', String(second), '--everywhere', ...why)).toContain('2 of 2 messages');
    expect([first.entryId, second].map((id) => stateOf(store, id))).toEqual(['queued', 'queued']);
  });

  test('gives a LIS that lost its data all of a time, corrections after what they correct', async () => {
    const { store, queue } = laboratory();
    const old = recordTrace(store, 'OLD').entryId;
    const first = recordTrace(store, 'S25-1');
    const correction = enqueueAgain(store, first, later(SECOND));
    store.outbox.markDelivered(old, later(-86_400 * SECOND), 'AA');
    for (const id of [first.entryId, correction]) store.outbox.markDelivered(id, later(2 * SECOND), 'AA');
    await expect(queue('resend', '--all', ...why)).rejects.toThrow('--all needs --since');
    const since = NOW.toISOString();
    expect(await queue('resend', '--all', '--since', since, '--destination', 'main', ...why)).toContain(
      '2 messages',
    );
    expect(store.outbox.next('main', later(9 * SECOND))?.id).toBe(first.entryId);
    store.outbox.markDelivered(first.entryId, later(9 * SECOND), 'AA');
    expect(store.outbox.next('main', later(9 * SECOND))?.id).toBe(correction);
    expect(stateOf(store, old)).toBe('delivered');
  });
});

describe('a LIS that lost its data after the clock was put back', () => {
  const since = ['--since', later(300 * SECOND).toISOString(), '--reason', 'data lost', '--by', 'tanaka'];
  /** A report, and its correction that was delivered at an earlier time by the clock. */
  const corrected = (store: Store): readonly [number, number] => {
    const first = recordTrace(store, 'S25-1', later(600 * SECOND));
    const correction = enqueueAgain(store, nextVersion(store, first), later(SECOND));
    store.outbox.markDelivered(first.entryId, later(601 * SECOND), 'AA');
    store.outbox.markDelivered(correction, later(2 * SECOND), 'AA');
    return [first.entryId, correction];
  };

  test('is sent the correction after what it corrects, though its time is before --since', async () => {
    const { store, queue } = laboratory();
    const [first, correction] = corrected(store);
    expect(await queue('resend', '--all', ...since)).toContain('2 messages');
    expect(store.outbox.next('main', NOW)?.id).toBe(first);
    store.outbox.markDelivered(first, NOW, 'AA');
    expect(store.outbox.next('main', NOW)?.id).toBe(correction);
  });

  test('is not sent a report whose correction cannot follow', async () => {
    const { store, queue } = laboratory();
    const [first, correction] = corrected(store);
    store.transaction(() => store.outbox.removeBytes(later(300 * SECOND), later(900 * SECOND), 10));
    expect(await queue('resend', '--all', ...since)).toBe(
      `message ${first} is left: message ${correction} for main came after it for the same result\n0 messages\n`,
    );
    expect([first, correction].map((id) => stateOf(store, id))).toEqual(['delivered', 'delivered']);
  });
});

describe('a destination that has another name now', () => {
  const moved = ['move', '--from', 'old', '--to', 'main', '--reason', 'renamed', '--by', 'tanaka'];

  test('is given what waited under the old one, and nothing that is finished', async () => {
    const { store, queue } = laboratory();
    const [waits, held, done] = ['A', 'B', 'C'].map(
      (name) => recordTrace(store, name, NOW, 'old').entryId,
    ) as [number, number, number];
    store.outbox.markHeld(held, NOW, 'AE');
    store.outbox.markDelivered(done, NOW, 'AA');
    expect(store.outbox.next('main', later(SECOND))).toBeNull();
    expect(await queue(...moved)).toContain('2 messages wait for main now');
    expect(store.outbox.next('main', later(SECOND))?.id).toBe(waits);
    expect(store.outbox.show(held)?.item).toMatchObject({ destination: 'main', state: 'held' });
    expect(store.outbox.show(done)?.item).toMatchObject({ destination: 'old', state: 'delivered' });
    expect(lines(store, waits)).toEqual(['tanaka: moved: old to main: renamed']);
  });

  test('is not given what a later message has replaced there, nor what it has', async () => {
    const { store, queue } = laboratory();
    const [stale, same, newer] = ['A', 'B', 'C'].map((name) => recordTrace(store, name, NOW, 'old')) as [
      Recorded,
      Recorded,
      Recorded,
    ];
    const correction = enqueueAgain(store, nextVersion(store, stale), NOW);
    const there = enqueueAgain(store, same, NOW);
    store.outbox.markDelivered(correction, NOW, 'AA');
    expect((await queue(...moved)).split('\n').slice(1)).toEqual([
      `message ${stale.entryId} is left: message ${correction} for main came after it for the same result`,
      `message ${same.entryId} is left: message ${there} for main says the same`,
      '1 messages wait for main now',
      '2 messages stay with old: raisingd queue drop ends each of them',
      '',
    ]);
    const destinationOf = ({ entryId }: Recorded) => store.outbox.show(entryId)?.item.destination;
    expect([stale, same, newer].map(destinationOf)).toEqual(['old', 'old', 'main']);
  });

  test('is given a report and its correction in their order, and one where it dropped its own untried', async () => {
    const { store, queue } = laboratory();
    const first = recordTrace(store, 'A', NOW, 'old');
    const correction = enqueueAgain(store, first, later(SECOND), 'old');
    store.outbox.drop(enqueueAgain(store, first, NOW), NOW);
    expect(await queue(...moved)).toContain('2 messages wait for main now');
    expect(store.outbox.next('main', NOW)?.id).toBe(first.entryId);
    store.outbox.markDelivered(first.entryId, NOW, 'AA');
    expect(store.outbox.next('main', NOW)?.id).toBe(correction);
  });

  test('is resent what it was sent under the old one, unless a later message went to the new one', async () => {
    const { store, queue, configure } = laboratory();
    configure([{ name: 'main', formerly: ['old'] }]);
    const [only, first] = ['A', 'B'].map((name) => recordTrace(store, name, NOW, 'old')) as [
      Recorded,
      Recorded,
    ];
    const correction = enqueueAgain(store, first, NOW);
    for (const id of [only.entryId, first.entryId, correction]) store.outbox.markDelivered(id, NOW, 'AA');
    const why = ['--reason', 'lost', '--by', 'tanaka'];
    await expect(queue('resend', String(first.entryId), ...why)).rejects.toThrow(
      `message ${correction} came`,
    );
    expect(await queue('resend', String(only.entryId), ...why)).toContain('queued  main');
    store.outbox.markDelivered(only.entryId, NOW, 'AA');
    const all = ['--all', '--since', NOW.toISOString(), '--destination', 'main'];
    expect(await queue('resend', ...all, ...why)).toContain('3 messages');
  });

  test('is not given anything while the old name is still configured, or where the new one is not', async () => {
    const { store, queue, configure } = laboratory(['old', 'main']);
    const { entryId } = recordTrace(store, 'A', NOW, 'old');
    await expect(queue(...moved)).rejects.toThrow('--from old is configured');
    configure(['other']);
    await expect(queue(...moved)).rejects.toThrow('--to main: the configuration has no such destination');
    expect(store.outbox.show(entryId)?.item.destination).toBe('old');
  });
});

test('each wish is one row of the audit log, with who and why', async () => {
  const { store, queue } = laboratory();
  const { entryId } = recordTrace(store, 'S25-1');
  const before = store.audit.verify();
  await queue('hold', String(entryId), '--by', 'tanaka', '--reason', 'asked by the ward');
  const after = store.audit.verify();
  expect(before.ok && after.ok && after.rows - before.rows).toBe(1);
});
