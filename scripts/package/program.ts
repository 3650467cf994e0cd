import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Build } from './layout.ts';

/** What an installation needs of the project. */
const SHIPPED = ['bin', 'config', 'docs', 'samples', 'src', 'CHANGELOG.md', 'LICENSE', 'README.md'];

/**
 * Lays out the program as it runs, in a new folder below `scratch`: sources, production packages from the lock file,
 * and the pinned Node. Nothing of it is compiled; no install script of a package is run.
 * @returns the folder
 */
export function layOutProgram({ source, scratch, arch }: Build): string {
  const home = join(scratch, 'program');
  for (const file of shippedFiles(source)) {
    mkdirSync(dirname(join(home, file)), { recursive: true });
    cpSync(join(source, file), join(home, file));
  }
  installPackages(source, home, arch);
  takeNode(home, arch);
  writeFileSync(join(home, 'package.json'), `${JSON.stringify(manifest(source), null, 2)}\n`);
  rmSync(join(home, 'package-lock.json'));
  rmSync(join(home, '.npmrc'));
  return home;
}

/** What git knows, or would know: never a stray file that it ignores. */
function shippedFiles(source: string): string[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', ...SHIPPED],
    {
      cwd: source,
      encoding: 'utf8',
    },
  );
  return listed.split('\0').filter((file) => file !== '' && existsSync(join(source, file)));
}

function installPackages(source: string, home: string, arch: string): void {
  for (const file of ['package.json', 'package-lock.json', '.npmrc'])
    cpSync(join(source, file), join(home, file));
  const target = ['--os=linux', `--cpu=${arch}`];
  execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts', '--prefer-offline', ...target], {
    cwd: home,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  rmSync(join(home, 'node_modules/.bin'), { recursive: true, force: true });
  rmSync(join(home, 'node_modules/.package-lock.json'));
}

/** Of the package that carries Node, only Node: bin/raisingd finds it beside itself. */
function takeNode(home: string, arch: string): void {
  const carrier = join(home, `node_modules/node-linux-${arch}`);
  renameSync(join(carrier, 'bin/node'), join(home, 'node'));
  chmodSync(join(home, 'node'), 0o755);
  renameSync(join(carrier, 'LICENSE'), join(home, 'node.LICENSE'));
  rmSync(carrier, { recursive: true });
}

/** The manifest of an installation: what runs it, without what builds and tests it. */
function manifest(source: string): object {
  const whole = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as Record<string, unknown>;
  const kept = [
    'name',
    'version',
    'description',
    'license',
    'private',
    'type',
    'engines',
    'bin',
    'dependencies',
  ];
  return Object.fromEntries(kept.map((key) => [key, whole[key]]));
}
