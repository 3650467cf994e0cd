import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Holding } from '../store/holdings.ts';

/** Names as `raisingd review show` gives them; nothing else in the folder is ever touched. */
const FIGURE_NAME = /^[0-9a-f]{16}\.svg$/;

/** Where the pictures are that people asked for. They show names of samples. */
export function figuresFolder(dataDir: string): string {
  return join(dataDir, 'pictures');
}

/** The pictures that people asked for, and how many of them are older than a time. */
export function figureFiles(dataDir: string, before: Date): Holding {
  const found = filesIn(dataDir);
  const due = found.filter(({ at }) => at < before.getTime());
  const oldest = Math.min(...found.map(({ at }) => at));
  return {
    due: due.length,
    dueBytes: due.reduce((sum, { bytes }) => sum + bytes, 0),
    kept: found.length - due.length,
    oldest: found.length === 0 ? null : new Date(oldest),
  };
}

/** Returns how many were removed. */
export function removeFigureFiles(dataDir: string, before: Date): number {
  const due = filesIn(dataDir).filter(({ at }) => at < before.getTime());
  for (const { path } of due) rmSync(path, { force: true });
  return due.length;
}

function filesIn(dataDir: string): { readonly path: string; readonly at: number; readonly bytes: number }[] {
  const folder = figuresFolder(dataDir);
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    // Nobody has asked for a picture yet.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  return names
    .filter((name) => FIGURE_NAME.test(name))
    .map((name) => {
      const path = join(folder, name);
      const { mtimeMs: at, size: bytes } = statSync(path);
      return { path, at, bytes };
    });
}
