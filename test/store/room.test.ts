import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DATABASE_FILE } from '../../src/store/file.ts';
import { faultsIn } from '../../src/store/room.ts';
import { tempFolder } from './support.ts';

const WRITER = fileURLToPath(new URL('room-writer.ts', import.meta.url));

const failure = (errcode: number): Error => Object.assign(new Error('disk I/O error'), { errcode });

test('a database that may not grow (ulimit -f) is full, not a failing disk', () => {
  const dataDir = tempFolder();
  const limited = ['-c', 'ulimit -f 256; exec "$@"', 'sh', process.execPath, WRITER, dataDir];
  expect(execFileSync('sh', limited, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })).toBe('full');
  expect(readdirSync(dataDir)).not.toContain(`${DATABASE_FILE}-room`);
});

test.each([
  { what: 'a write', errcode: 778 },
  { what: 'an fsync', errcode: 1034 },
])('$what that fails where there is room for more is a failing disk', ({ errcode }) => {
  expect(faultsIn(tempFolder())(failure(errcode))).toBe('io');
});

test('a failed write is a failing disk where not even the probe tells more', () => {
  expect(faultsIn(join(tempFolder(), 'gone'))(failure(778))).toBe('io');
});

test('what did not come from the database is no fault of it', () => {
  expect(faultsIn(tempFolder())(new Error('another'))).toBeNull();
});
