import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface Earlier {
  readonly deb: string;
  /** Version of its database. */
  readonly schema: number;
}

/** What of the program changes from version to version. */
const PROGRAM = ['src', 'config', 'samples', 'package.json'];
const MIGRATIONS = 'src/store/migrations';

/**
 * A package of the program as it was before its last migration, numbered as the version before: what an upgrade
 * begins with. Everything but the program itself is today's.
 */
export function earlierPackage(deb: string, source: string, scratch: string): Earlier {
  const commit = lastWithFewerMigrations(source);
  const root = join(scratch, 'earlier');
  execFileSync('dpkg-deb', ['--raw-extract', deb, root]);
  const home = join(root, 'usr/lib/raisingd');
  for (const part of PROGRAM) rmSync(join(home, part), { recursive: true });
  const archive = execFileSync('git', ['archive', commit, ...PROGRAM], { cwd: source, maxBuffer: 2 ** 28 });
  mkdirSync(home, { recursive: true });
  execFileSync('tar', ['-x', '-C', home], { input: archive });
  rmSync(join(root, 'DEBIAN/md5sums'));
  const control = readFileSync(join(root, 'DEBIAN/control'), 'utf8');
  writeFileSync(
    join(root, 'DEBIAN/control'),
    control.replace(/^Version: .*$/m, (line) => `${line}~before`),
  );
  const file = join(dirname(root), basename(deb).replace('_', '_before_'));
  execFileSync('dpkg-deb', ['-Znone', '--root-owner-group', '--build', root, file], { stdio: 'ignore' });
  rmSync(root, { recursive: true });
  return { deb: file, schema: readMigrations(source, commit) };
}

function lastWithFewerMigrations(source: string): string {
  const now = readdirSync(join(source, MIGRATIONS)).length;
  const log = ['log', '--format=%H', '--', MIGRATIONS];
  const changes = execFileSync('git', log, { cwd: source, encoding: 'utf8' }).trim().split('\n');
  const commit = ['HEAD', ...changes.map((change) => `${change}^`)].find((one) => {
    const count = readMigrations(source, one);
    return count > 0 && count < now;
  });
  if (commit === undefined) throw new Error('no earlier database version in the history: clone all of it');
  return commit;
}

/** How many migrations there were; 0 where there is no such commit. */
function readMigrations(source: string, commit: string): number {
  try {
    const list = ['ls-tree', '--name-only', `${commit}:${MIGRATIONS}`];
    const names = execFileSync('git', list, {
      cwd: source,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return names.trim().split('\n').length;
  } catch {
    return 0;
  }
}
