import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { Access } from '../../src/store/database.ts';
import { StoreError } from '../../src/store/failure.ts';
import { openStore } from '../../src/store/store.ts';
import { NOW, later, recordTrace, tempFile } from './support.ts';

/** A database whose end was noted, and a copy of it from before its last commit. */
function noted(): { file: string; older: string } {
  const file = tempFile();
  const older = tempFile();
  const store = openStore(file, { access: 'service', now: NOW });
  append(store, 1);
  const db = new DatabaseSync(file);
  db.prepare('VACUUM INTO ?').run(older);
  db.close();
  append(store, 2);
  store.leaveWitness();
  store.close();
  return { file, older };
}

function append(store: ReturnType<typeof openStore>, number: number): void {
  store.transaction(() => {
    recordTrace(store, `S25-${number}`);
    store.audit.append({
      ...{ at: later(number), actor: 'raisingd', action: 'result.released' },
      ...{ subject: `S25-${number}`, detail: {} },
    });
  });
}

function refusal(file: string, access: Access = 'service'): string {
  try {
    openStore(file, { access, now: NOW }).close();
  } catch (error) {
    if (error instanceof StoreError) return `${error.fault}: ${error.message}`;
    throw error;
  }
  return 'opened';
}

describe('a database beside which its end was noted', () => {
  test('opens where it has all that was noted, and more', () => {
    const { file } = noted();
    expect(refusal(file)).toBe('opened');
    const store = openStore(file, { access: 'service', now: NOW });
    append(store, 3);
    store.close();
    expect(refusal(file)).toBe('opened');
  });

  test('is refused where an older copy lies in its place, for a command too, with the remedy, and left as it is', () => {
    const { file, older } = noted();
    copyFileSync(older, file);
    const before = readFileSync(file);
    for (const access of ['service', 'write'] as const) {
      const words = refusal(file, access);
      expect(words).toContain(
        `behind: ${file}: the database is not as the service left it: row 4 of its audit log`,
      );
      expect(words).toContain('written 2025-11-22T10:30:15.252Z, is not there');
      expect(words).toContain('give it to raisingd restore');
    }
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('is refused where its -wal file was removed after a crash, and opens again once it is back', () => {
    const file = tempFile();
    const store = openStore(file, { access: 'service', now: NOW });
    append(store, 1);
    store.leaveWitness();
    // As a killed process leaves it: nobody has closed it.
    const crashed = tempFile();
    for (const suffix of ['', '-wal', '.witness']) copyFileSync(`${file}${suffix}`, `${crashed}${suffix}`);
    store.close();
    renameSync(`${crashed}-wal`, `${crashed}-kept`);
    expect(refusal(crashed)).toContain('Its -wal file was removed');
    for (const suffix of ['-wal', '-shm']) rmSync(`${crashed}${suffix}`, { force: true });
    renameSync(`${crashed}-kept`, `${crashed}-wal`);
    expect(refusal(crashed)).toBe('opened');
  });

  test('is refused where another past lies in its place', () => {
    const { file } = noted();
    const other = tempFile();
    const store = openStore(other, { access: 'service', now: NOW });
    for (const number of [7, 8, 9]) append(store, number);
    store.close();
    copyFileSync(other, file);
    expect(refusal(file)).toContain(
      'row 4 of its audit log, written 2025-11-22T10:30:15.252Z, is another one',
    );
  });

  test.each(['', '{"seq":"2"}', 'null', '{"seq":2,"hash":5,"at":""}'])(
    'opens where the note is torn: %j',
    (torn) => {
      const { file, older } = noted();
      writeFileSync(`${file}.witness`, torn);
      copyFileSync(older, file);
      expect(refusal(file)).toBe('opened');
    },
  );

  test('is not made anew where only the note is left', () => {
    const { file } = noted();
    rmSync(file);
    expect(refusal(file)).toContain('missing: ');
    expect(existsSync(file)).toBe(false);
  });
});

test('the note is readable by its owner alone, and written only where something was added', () => {
  const file = tempFile();
  const store = openStore(file, { access: 'service', now: NOW });
  store.leaveWitness();
  expect(existsSync(`${file}.witness`)).toBe(false);
  append(store, 1);
  store.leaveWitness();
  expect(statSync(`${file}.witness`).mode & 0o777).toBe(0o600);
  const { ino } = statSync(`${file}.witness`);
  store.leaveWitness();
  expect(statSync(`${file}.witness`).ino).toBe(ino);
  store.close();
});

describe('what is refused stays as it was found', () => {
  test('its -wal file too', () => {
    const file = tempFile();
    const store = openStore(file, { access: 'service', now: NOW });
    append(store, 1);
    const crashed = tempFile();
    for (const suffix of ['', '-wal']) copyFileSync(`${file}${suffix}`, `${crashed}${suffix}`);
    store.close();
    writeFileSync(`${crashed}.witness`, '{"seq":99,"hash":"ab","at":"2025-11-22T10:30:15.252Z"}');
    const before = readFileSync(`${crashed}-wal`);
    expect(before.length).toBeGreaterThan(0);
    for (const access of ['service', 'write', 'read'] as const) {
      expect(refusal(crashed, access)).toContain('row 99 of its audit log');
    }
    expect(readFileSync(`${crashed}-wal`).equals(before)).toBe(true);
  });

  test('and a note that cannot be read is told, not passed over', () => {
    const { file } = noted();
    rmSync(`${file}.witness`);
    mkdirSync(`${file}.witness`);
    expect(refusal(file)).toContain('unsuitable: ');
    expect(refusal(file)).toContain('.witness: the note cannot be read; make it readable for this user');
  });
});

test('a note that cannot be written is no reason to stop, and is told', () => {
  const file = tempFile();
  mkdirSync(`${file}.witness.new`);
  const store = openStore(file, { access: 'service', now: NOW });
  append(store, 1);
  expect(store.leaveWitness()).toMatch(/EISDIR/);
  rmSync(`${file}.witness.new`, { recursive: true });
  expect(store.leaveWitness()).toBeNull();
  expect(existsSync(`${file}.witness`)).toBe(true);
  store.close();
});
