import { readFileSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { MachineFacts } from './facts.ts';

/** Linux counts memory in pages of this size on x86-64 and, as a rule, on arm64. */
const PAGE_BYTES = 4096;

/** Sizes and times of this machine; nothing of a watched folder, which may hang. */
export async function machineFacts(databaseFile: string, intakePid: number | null): Promise<MachineFacts> {
  const { user, system } = process.cpuUsage();
  return {
    database: sizeOf(databaseFile),
    writeAheadLog: sizeOf(`${databaseFile}-wal`),
    diskFree: await freeAt(dirname(databaseFile)),
    memory: process.memoryUsage.rss(),
    intakeMemory: intakePid === null ? null : residentMemory(intakePid),
    cpuSeconds: (user + system) / 1_000_000,
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

async function freeAt(folder: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    // One figure less; everything else is still worth telling.
    return null;
  }
}

function residentMemory(pid: number): number | null {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return Number.isFinite(pages) ? pages * PAGE_BYTES : null;
  } catch {
    // It has ended meanwhile.
    return null;
  }
}
