import type { Command } from 'commander';
import { namesIn } from '../config/names.ts';
import type { Config } from '../config/schema.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import { readState } from '../state-file.ts';
import { lockHolder } from '../store/lock.ts';
import { print } from './beside.ts';
import { withStore } from './queue-store.ts';
import { noted, printSorted, usage, wish, wishOf, type WishOptions } from './queue-wish.ts';
import { speak } from './speak.ts';

export function addQueueMove(queue: Command): void {
  wish(
    queue,
    'move',
    'Gives what waits for a destination that is no longer configured to another.',
    null,
    true,
  )
    .requiredOption('--from <name>', 'the name that is gone from the configuration')
    .requiredOption('--to <name>', 'the name that has taken its place')
    .action((options: WishOptions & { from: string; to: string }) => {
      const { from, to } = options;
      withStore(options, 'write', (store, config) => {
        assertMovable(from, to, config);
        const made = { ...wishOf('moved', options), reason: `${from} to ${to}: ${options.reason ?? ''}` };
        const { done, left } = store.transaction(() => {
          const sorted = store.outbox.move(from, to, namesIn(config.lis)(to));
          noted(store, config, made, sorted.done);
          return sorted;
        });
        const words = speak(config);
        printSorted(done, left, words);
        print(words.queue.waitFor(done.length, to));
        if (left.length > 0) print(words.queue.leftWaiting(left.length, from));
      });
    });
}

/** A message that is on its way to one destination must not be counted as delivered to another. */
function assertMovable(from: string, to: string, { lis, dataDir }: Config): void {
  const names = lis.map(({ name }) => name);
  if (!names.includes(to)) throw usage(`--to ${to}: the configuration has no such destination`);
  if (names.includes(from)) {
    throw usage(
      `--from ${from} is configured; what waits for it goes to the address that it has there. ` +
        'Take it out of the configuration first',
    );
  }
  const running = lockHolder(dataDir) !== null;
  if (running && readState(dataDir)?.destinations.some(({ name }) => name === from) === true) {
    throw new CommandError(
      `the service still sends to ${from}: let it read the configuration again first (SIGHUP)`,
      EXIT.failed,
    );
  }
}
