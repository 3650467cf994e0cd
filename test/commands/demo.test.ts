import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { raisingd } from './command-line.ts';

test('the demo plays every sample through to its LIS or a hold, one line each, and ends with 0', async () => {
  const { exitCode, stdout } = await raisingd('demo', '--once');
  expect(stdout.match(/^S25-0001\d\d_\w+\.ab1 .* RD\w{18} +AA$/gm)).toHaveLength(8);
  expect(stdout.match(/^S25-0001\d\d_\w+\.ab1 .* held: [A-Z_, ]+$/gm)).toHaveLength(4);
  expect(stdout.match(/control, not sent$/gm)).toHaveLength(2);
  expect(stdout).toMatch(/^S25-000123_C01\.ab1 .* high +R4 /m);
  expect(exitCode).toBe(0);

  // Message ids are new each time; all else is what the README shows.
  const verdicts = (text: string): string[] =>
    [...text.matchAll(/^(\S+\.ab1 .*?)(?: +(?:RD\w{18}|-) +)(AA|held.*|control.*)$/gm)].map(
      ([, verdict = '', answer = '']) => `${verdict.replace(/ +/g, ' ')} ${answer}`,
    );
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  expect(verdicts(readme)).toHaveLength(14);
  expect(verdicts(stdout).sort()).toEqual(verdicts(readme).sort());
});

test('wrong usage ends with 2, help with 0', async () => {
  expect((await raisingd('scoer')).exitCode).toBe(2);
  expect((await raisingd('queue', 'show')).exitCode).toBe(2);
  expect((await raisingd('run', '--config', '/does/not/exist.yaml')).exitCode).toBe(2);
  const help = await raisingd('--help');
  expect(help).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('Exit codes: 0 done') as string,
  });
});
