import type { Command } from 'commander';
import { addLisListen } from './lis-listen.ts';
import { addLisTest } from './lis-test.ts';

/** What connects a LIS: a message to try, and a receiver to try with. */
export function addLisCommand(program: Command): void {
  const lis = program.command('lis').description('Try a connection to a LIS, from either side.');
  addLisTest(lis);
  addLisListen(lis);
}
