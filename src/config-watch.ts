import { readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseYaml } from './config/document.ts';
import { valueAt } from './config/faults.ts';
import { lookAtSaved, type Standing, type Watched } from './config/saved.ts';

export interface ConfigWatch {
  stop(): void;
}

const LOOK_MS = 1000;

/**
 * Tells when a configuration file, or a file that it names, was saved. It asks for the time of these few files every
 * second: that works on every file system, and cannot run out of watches.
 */
export function watchConfig(source: string, onSaved: () => void, everyMs = LOOK_MS): ConfigWatch {
  let watched: Watched | null = null;
  let looking = false;
  let named: { readonly of: string; readonly files: readonly string[] } | null = null;

  const standing = async (): Promise<Standing> => {
    const own = await standingOf(source);
    // Parsed again only where it was saved.
    if (named?.of !== own.text) named = { of: own.text, files: filesNamedIn(source) };
    const others = await Promise.all(named.files.map(standingOf));
    return {
      signature: [own, ...others].map(({ text }) => text).join('\n'),
      // A language without a file of its own is no half configuration.
      isHalf: own.size === null || [own, ...others].some(({ size }) => size === 0n),
    };
  };
  const look = async (): Promise<void> => {
    const now = await standing();
    const at = performance.now();
    watched ??= { taken: now.signature, seen: now.signature, since: at };
    const { next, take } = lookAtSaved(watched, now, at);
    watched = next;
    if (take) onSaved();
  };
  const tick = (): void => {
    if (looking) return;
    looking = true;
    void look().finally(() => {
      looking = false;
    });
  };
  tick();
  const timer = setInterval(tick, everyMs);
  return { stop: () => clearInterval(timer) };
}

/** The files that it names as far as it can be understood: one that is at fault names some too. */
function filesNamedIn(source: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(source, 'utf8');
  } catch {
    // Between two steps of an editor; if it stays away, that is told when it is read.
    return [];
  }
  const yaml = parseYaml(text);
  if (!yaml.ok) return [];
  const named = (key: string): string | null => {
    const value = valueAt(yaml.document.value, [key]);
    return typeof value === 'string' && value.trim() !== '' ? resolve(dirname(source), value.trim()) : null;
  };
  const comments = named('comments');
  const texts = comments === null ? [] : ['en.yaml', 'ja.yaml'].map((file) => join(comments, file));
  return [named('assay'), named('calibration'), ...texts].filter((file) => file !== null);
}

async function standingOf(file: string): Promise<{ readonly text: string; readonly size: bigint | null }> {
  try {
    const { ino, size, mtimeNs } = await stat(file, { bigint: true });
    return { text: `${file}:${ino}:${size}:${mtimeNs}`, size };
  } catch {
    // Not there, or out of reach: reading it says which.
    return { text: `${file}:none`, size: null };
  }
}
