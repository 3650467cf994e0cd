import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { DATABASE_FILE } from '../../src/store/file.ts';
import { faultsIn } from '../../src/store/room.ts';

/** Writes to a database in the given folder until that fails, and prints what the failure is taken for. */
const dataDir = process.argv[2] ?? '';
const database = new DatabaseSync(join(dataDir, DATABASE_FILE));
database.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (bytes BLOB)');
const insert = database.prepare('INSERT INTO t VALUES (?)');
try {
  for (let row = 0; row < 1000; row++) insert.run(new Uint8Array(4096));
  process.stdout.write('written');
} catch (error) {
  process.stdout.write(String(faultsIn(dataDir)(error)));
}
