import { EventEmitter } from 'node:events';
import { expect, it, vi } from 'vitest';
import { createHints } from '../../src/watch/hints.ts';
import { fromText } from '../../src/watch/path.ts';
import { until } from '../until.ts';

vi.mock('chokidar', () => ({
  watch: (path: string) => {
    const watcher = Object.assign(new EventEmitter(), { close: () => Promise.resolve() });
    const error = new Error(`ENOSPC: System limit for number of file watchers reached, watch '${path}'`);
    setImmediate(() => watcher.emit('error', Object.assign(error, { code: 'ENOSPC' })));
    watched.push(path);
    return watcher;
  },
}));
const watched: string[] = [];

it('tells once that the system allows no more watches, and leaves the rest to the scans', async () => {
  const troubles: string[] = [];
  const hints = createHints({
    polling: false,
    pollMs: 1000,
    onHint: () => undefined,
    onTrouble: (detail) => troubles.push(detail),
  });
  hints.listen({
    kind: 'scanned',
    identity: { device: 1n, inode: 1n },
    directories: [fromText('/in'), fromText('/in/run')],
    oddities: [],
    complete: true,
    empty: false,
  });
  await until(() => expect(watched).toEqual(['/in', '/in/run']));
  await hints.close();
  expect(troubles).toEqual([
    "cannot be listened to, scans go on: ENOSPC: System limit for number of file watchers reached, watch '/in'",
  ]);
});
