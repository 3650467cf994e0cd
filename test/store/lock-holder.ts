import { acquireLock } from '../../src/store/lock.ts';
import { wordsOf } from '../../src/platform/words-of.ts';

// Takes the lock of the folder named in its arguments, keeps no reference to it, says so, and stays.
const user = process.env['RAISINGD_TEST_UID'];
if (user !== undefined) process.setuid?.(Number(user));
process.send?.(attempt());
process.on('message', () => undefined);

function attempt(): string {
  try {
    const got = acquireLock(process.argv[2] ?? '', new Date()) !== null;
    globalThis.gc?.();
    return got ? 'holding' : 'refused';
  } catch (error) {
    return wordsOf(error);
  }
}
