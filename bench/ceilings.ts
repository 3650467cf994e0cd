import { hash } from 'node:crypto';
import { closeSync, fdatasyncSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { openStore } from '../src/store/store.ts';
import type { Figure } from './figure.ts';

const SECONDS = 2;

/** What this machine can do at best of that which no design can leave out. */
export function measureCeilings(files: string, folder: string): Figure[] {
  const paths = readdirSync(files)
    .slice(0, 1000)
    .map((name) => join(files, name));
  let next = 0;
  const path = (): string => paths[next++ % paths.length] ?? '';
  const log = openSync(join(folder, 'ceiling.log'), 'a');
  const line = Buffer.alloc(1024, 'x');
  const store = openStore(join(folder, 'ceiling.db'), { access: 'service', now: new Date() });
  const event = { at: new Date(), actor: 'bench', action: 'bench', subject: 'bench', detail: {} };
  try {
    return [
      {
        ...{ what: 'ceiling: read and SHA-256', unit: 'files/s', on: 'the same files, one core' },
        value: rate(() => hash('sha256', readFileSync(path()))),
      },
      {
        ...{ what: 'ceiling: fsync', unit: '/s', on: '1 kB appended each time' },
        value: rate(() => {
          writeSync(log, line);
          fdatasyncSync(log);
        }),
      },
      {
        ...{ what: 'ceiling: durable commits', unit: '/s', on: 'SQLite, synchronous FULL, one row each' },
        value: rate(() => store.transaction(() => store.audit.append(event))),
      },
    ];
  } finally {
    closeSync(log);
    store.close();
  }
}

function rate(work: () => unknown): number {
  const began = performance.now();
  let done = 0;
  while (performance.now() - began < 1000 * SECONDS) {
    work();
    done += 1;
  }
  return done / ((performance.now() - began) / 1000);
}
