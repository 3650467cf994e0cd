import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from './package/common-files.ts';

// Builds the packages once more, somewhere else and by somebody else, and compares them with those in dist/.

const source = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'raisingd-once-more-'));
try {
  const copy = join(scratch, 'a folder of another name/raisingd');
  const listed = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  for (const file of git(listed).split('\0').filter(isThere)) {
    mkdirSync(dirname(join(copy, file)), { recursive: true });
    cpSync(join(source, file), join(copy, file));
  }
  symlinkSync(join(source, 'node_modules'), join(copy, 'node_modules'));
  execFileSync('git', ['init', '--quiet'], { cwd: copy });
  const out = join(scratch, 'out');
  const build = ['--disable-warning=ExperimentalWarning', 'scripts/package.ts', '--out', out];
  execFileSync('bash', ['-c', 'umask 0077; exec "$@"', 'bash', process.execPath, ...build], {
    cwd: copy,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      SOURCE_DATE_EPOCH: git(['log', '-1', '--format=%ct']).trim(),
      TZ: 'Asia/Tokyo',
      LC_ALL: 'C',
      USER: 'somebody-else',
    },
  });

  const built = globSync(join(out, '*')).map((file) => basename(file));
  const differing = built.filter((name) => hashOf(join(out, name)) !== hashOf(join(source, 'dist', name)));
  for (const name of built) {
    process.stdout.write(`${differing.includes(name) ? 'DIFFERS' : 'same   '} ${name}\n`);
  }
  process.exitCode = built.length === 3 && differing.length === 0 ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true });
}

function git(args: readonly string[]): string {
  return execFileSync('git', args, { cwd: source, encoding: 'utf8' });
}

function isThere(file: string): boolean {
  return file !== '' && existsSync(join(source, file));
}

function hashOf(file: string): string {
  return sha256(readFileSync(file));
}
