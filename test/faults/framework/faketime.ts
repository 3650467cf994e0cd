import { globSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Skip, type Bench } from './case.ts';

/** The clock of one daemon, which a case sets while that runs. Its own timers go on as they do on a real machine. */
export interface Wall {
  readonly env: Readonly<Record<string, string>>;
  /** Seconds by which it is ahead of the machine's clock, from now on. */
  set(ahead: number): void;
}

export function createWall(bench: Bench, ahead = 0): Wall {
  const file = join(bench.folder(), 'faketime');
  const set = (seconds: number): void => {
    writeFileSync(`${file}.new`, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}\n`);
    renameSync(`${file}.new`, file);
  };
  set(ahead);
  return {
    set,
    env: {
      ...preload(),
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      // A clock that is set changes neither the monotonic clock nor the times that files have.
      DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
  };
}

/** All clocks run so many times as fast: an hour of the daemon's life, its deadlines as they are by default. */
export function faster(factor: number): Readonly<Record<string, string>> {
  return { ...preload(), FAKETIME: `+0 x${factor}`, NO_FAKE_STAT: '1' };
}

function preload(): Readonly<Record<string, string>> {
  const [library] = globSync('/usr/lib/*/faketime/libfaketime.so.1');
  if (library === undefined) throw new Skip('there is no libfaketime.so.1 (package libfaketime)');
  return { LD_PRELOAD: library };
}
