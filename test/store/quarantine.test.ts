import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { StoreError } from '../../src/store/failure.ts';
import { isSuspect, quarantine } from '../../src/store/quarantine.ts';
import { openStore } from '../../src/store/store.ts';
import { NOW, later, tempFolder } from './support.ts';

const DAY = 24 * 60 * 60 * 1000;

const copies = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.startsWith('damaged-'));

function madeIn(folder: string): string {
  const file = join(folder, 'raisingd.db');
  openStore(file, { access: 'service', now: NOW }).close();
  return file;
}

function faultOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof StoreError) return error.fault;
    throw error;
  }
}

describe('a damaged database', () => {
  test('is kept as it was found, once, and stays in its place', () => {
    const folder = tempFolder();
    const file = madeIn(folder);
    writeFileSync(file, 'damaged');
    const first = quarantine(file, 'found', NOW);
    const second = quarantine(file, 'found', later(DAY));
    expect(second).toEqual(first);
    expect(first.problem).toBeNull();
    expect(copies(folder)).toHaveLength(1);
    expect(readFileSync(join(first.copy ?? '', 'raisingd.db'), 'utf8')).toBe('damaged');
    expect(readFileSync(file, 'utf8')).toBe('damaged');
  });

  test('is suspect until a start has found the whole of it sound', () => {
    const folder = tempFolder();
    const file = madeIn(folder);
    copyFileSync(file, join(folder, 'sound'));
    writeFileSync(file, 'damaged');
    quarantine(file, 'found', NOW);
    expect(faultOf(() => openStore(file, { access: 'service', now: NOW }))).toBe('damaged');
    expect(isSuspect(file)).toBe(true);
    copyFileSync(join(folder, 'sound'), file);
    openStore(file, { access: 'service', now: NOW }).close();
    expect(isSuspect(file)).toBe(false);
    expect(copies(folder)).toHaveLength(1);
  });

  test('that becomes damaged a second time is kept a second time', () => {
    const folder = tempFolder();
    const file = madeIn(folder);
    quarantine(file, 'found', NOW);
    openStore(file, { access: 'service', now: NOW }).close();
    quarantine(file, 'found', later(DAY));
    expect(copies(folder)).toHaveLength(2);
  });

  test('of which no copy can be made is suspect all the same, and the reason is told', () => {
    const folder = tempFolder();
    const file = madeIn(folder);
    // Something else has the name that the copy would get.
    writeFileSync(join(folder, 'damaged-20251122T103015Z'), '');
    const kept = quarantine(file, 'found', NOW);
    expect(kept.copy).toBeNull();
    expect(kept.problem).toMatch(/damaged-20251122T103015Z/);
    expect(isSuspect(file)).toBe(true);
  });
});

describe('a database that is gone', () => {
  test.each(['state.json', 'backups/raisingd-20251122T180000Z.db'])(
    'is not made anew where %s tells that there was one',
    (left) => {
      const file = join(tempFolder(), 'raisingd.db');
      mkdirSync(dirname(join(dirname(file), left)), { recursive: true });
      writeFileSync(join(dirname(file), left), '');
      expect(faultOf(() => openStore(file, { access: 'service', now: NOW }))).toBe('missing');
      expect(existsSync(file)).toBe(false);
    },
  );

  test('is a first start where nothing but an empty folder for backups is there', () => {
    const file = join(tempFolder(), 'raisingd.db');
    mkdirSync(join(dirname(file), 'backups'));
    openStore(file, { access: 'service', now: NOW }).close();
    expect(existsSync(file)).toBe(true);
  });
});
