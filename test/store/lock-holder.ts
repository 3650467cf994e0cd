import { acquireLock } from '../../src/store/lock.ts';

// Takes the lock of the folder named in its arguments, keeps no reference to it, says so, and stays.
const got = acquireLock(process.argv[2] ?? '', new Date()) !== null;
globalThis.gc?.();
process.send?.(got ? 'holding' : 'refused');
process.on('message', () => undefined);
