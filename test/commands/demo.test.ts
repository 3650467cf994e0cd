import { expect, test } from 'vitest';
import { raisingd } from './command-line.ts';

test('the demo plays every sample through to its LIS or a hold, one line each, and ends with 0', async () => {
  const { exitCode, stdout } = await raisingd('demo', '--once');
  expect(stdout.match(/^S25-0001\d\d_\w+\.ab1 .* RD\w{18} +AA$/gm)).toHaveLength(8);
  expect(stdout.match(/^S25-0001\d\d_\w+\.ab1 .* held: [A-Z_, ]+$/gm)).toHaveLength(4);
  expect(stdout.match(/control, not sent$/gm)).toHaveLength(2);
  expect(stdout).toMatch(/^S25-000123_C01\.ab1 .* high +R4 /m);
  expect(exitCode).toBe(0);
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
