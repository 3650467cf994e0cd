import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../until.ts';
import { temporaryFolder, traceOf, watchFolder } from './support.ts';

test('a folder that is no longer looked at is overdue, whatever else its process says', async () => {
  const { loop, stop } = watchFolder(temporaryFolder());
  await until(() => expect(loop.status().state).toBe('available'));
  await stop();
  await until(() => expect(loop.status().overdueMs).toBeGreaterThan(100));
});

test('a folder is not overdue while the service takes its time to record a trace', async () => {
  const folder = temporaryFolder();
  const recorded = Promise.withResolvers<undefined>();
  let asked = 0;
  const { loop } = watchFolder(folder, {
    async emit() {
      asked = performance.now();
      await recorded.promise;
    },
  });
  writeFileSync(join(folder, 'one.ab1'), traceOf('one'));
  // Four times as long as a scan may take to come.
  await until(() => expect(asked > 0 && performance.now() - asked).toBeGreaterThan(200));
  expect(loop.status().overdueMs).toBe(0);
  recorded.resolve(undefined);
});
