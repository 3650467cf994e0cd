import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSite } from '../service/site.ts';
import { CONTROL, FAILED, R4, sample } from '../service/traces.ts';
import { raisingd } from './command-line.ts';

const DOUBTFUL = 'S25-000131_C02.ab1';
const PERSON = ['--by', 'Sato', '--reason', 'clean at the junction'];

describe('raisingd review', () => {
  test('lists, shows with a picture, and releases a held result beside the running service', async () => {
    const site = await createSite();
    site.start();
    await site.drop(DOUBTFUL, sample(DOUBTFUL));
    await site.holds(1);
    const run = (...args: string[]) => raisingd('review', ...args, '--config', site.config);

    const [held] = (await run('list', '--json')).stdout.trim().split('\n');
    const { id, reasons } = JSON.parse(held ?? '') as { id: string; reasons: { code: string }[] };
    expect(reasons.map(({ code }) => code)).toContain('LOW_SIGNAL');

    const shown = await run('show', id);
    expect(shown.stdout).toContain('LOW_SIGNAL: The signal is too weak against its noise');
    const picture = /picture (\S+\.svg)/.exec(shown.stdout)?.[1] ?? '';
    expect(await readFile(picture, 'utf8')).toContain('<svg');

    expect((await run('release', id)).exitCode).toBe(2);
    expect((await run('release', id, '--by', 'Sato', '--reason', ' ')).exitCode).toBe(2);
    const released = await run('release', id, ...PERSON, '--json');
    expect(released).toMatchObject({ exitCode: 0, stderr: '' });
    const [message] = await site.receives(1);
    expect(JSON.parse(released.stdout)).toMatchObject({
      ...{ id, disposition: 'released', lisKeeps: null },
      messages: [{ controlId: message?.controlId, destination: 'main' }],
    });
    expect(message?.text).toContain('|Sato|');
    expect((await run('list')).stdout).toBe('nothing waits for a person\n');
  });

  test('never releases a trace without a value, and rejects it', async () => {
    const site = await createSite();
    site.start();
    await site.drop(FAILED, sample(FAILED));
    await site.holds(1);
    const key = site.look((store) => store.results.held(1)[0]?.result.key ?? '');
    const run = (...args: string[]) => raisingd('review', ...args, ...PERSON, '--config', site.config);
    expect(await run('release', key)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('no value') as string,
    });
    const rejected = await run('reject', key, '--json');
    expect(JSON.parse(rejected.stdout)).toEqual({
      id: key,
      disposition: 'rejected',
      messages: [],
      lisKeeps: null,
      also: [],
    });
    expect(site.look((store) => store.results.heldCount())).toBe(0);
    expect(await site.received()).toEqual([]);
  });
});

describe('raisingd cutoffs', () => {
  test('previews an edit, waits for approval, and corrects what was sent only when asked', async () => {
    const approval = 'required';
    const site = await createSite();
    await site.configure({ cutoffs: { approval } });
    const service = site.start();
    await site.drop(R4, sample(R4));
    await site.receives(1);

    const tried = join(site.root, 'tried.yaml');
    const edited = (await readFile(site.config, 'utf8')).replace(
      /cutoffs:\n.*\n/,
      'cutoffs: { cv: { high: 0.9 } }\n',
    );
    await writeFile(tried, edited);
    const run = (...args: string[]) => raisingd('cutoffs', ...args, '--config', site.config);
    const previewed = await run('preview', '--new', tried);
    expect(previewed.stdout).toContain('1 of 1 reported results would change');
    expect(previewed.stdout).toContain('unknown: high -> intermediate: 1');

    await site.configure({ cutoffs: { approval, cv: { high: 0.9 } } });
    await service.reload();
    expect((await run('list')).stdout).toContain('in the configuration, not in force');
    expect((await run('apply', ...PERSON)).exitCode).toBe(0);
    expect((await run('apply', ...PERSON)).exitCode).toBe(1);

    const since = ['--since', '2025-01-01', ...PERSON];
    expect((await run('rescore', ...since)).stdout).toContain('nothing was changed');
    expect(await site.received()).toHaveLength(1);
    await run('rescore', ...since, '--yes');
    const [, corrected] = await site.receives(2);
    expect(corrected).toMatchObject({ status: 'C', values: { CVTIER: 'INTERMEDIATE' } });
  });
});

describe('raisingd audit and control', () => {
  test('tell the story of a sample and of the controls, and that no row was changed', async () => {
    const site = await createSite();
    const service = site.start();
    await site.drop(CONTROL, sample(CONTROL));
    await site.drop(R4, sample(R4));
    await site.receives(1);
    await site.sees((store) => store.outbox.list({ states: ['delivered'], limit: 1 })[0]);
    const run = (...args: string[]) => raisingd(...args, '--config', site.config);

    expect((await run('control', 'list')).stdout).toMatch(/POS-TLOM1 .*positive {2}passed: Cv 1\.00/);
    const { stdout: story } = await run('audit', 'show', 'S25-000123');
    expect(story.split('\n').map((line) => line.slice(26))).toEqual([
      expect.stringMatching(/^The trace S25-000123_C01\.ab1 .* was scored pass: Cv 0\.\d{3}, 90 % interval /),
      expect.stringMatching(
        /^Result RD\w+ was released by itself as final: Cv 0\.\d\d, high tier; order none, unknown/,
      ),
      expect.stringMatching(/^Message RD\w{18} was queued for main\.$/),
      expect.stringMatching(/^main acknowledged RD\w{18} at the first try \(.*AA.*\)\.$/),
      '',
    ]);
    expect((await run('audit', 'show', 'S25-999999')).exitCode).toBe(1);
    await service.stop();
    expect((await run('audit', 'verify')).stdout).toMatch(
      /^\d+ rows, none was changed; head [0-9a-f]{64}\n$/,
    );
  });
});
