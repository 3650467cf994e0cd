import { expect, test } from 'vitest';
import { oneAtATime } from '../../src/platform/one-at-a-time.ts';
import { until } from '../until.ts';

test('work that lasts is not begun a second time, and may be begun again once it is over, failed or not', async () => {
  const begun: PromiseWithResolvers<void>[] = [];
  const failures: unknown[] = [];
  const begin = oneAtATime(
    () => {
      begun.push(Promise.withResolvers());
      return begun.at(-1)?.promise ?? Promise.reject(new Error('none'));
    },
    (error) => failures.push(error),
  );
  begin();
  begin();
  expect(begun).toHaveLength(1);
  begun[0]?.reject('the disk is full');
  await until(() => {
    begin();
    expect(begun).toHaveLength(2);
  });
  expect(failures).toEqual(['the disk is full']);
});
