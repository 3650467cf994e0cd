import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { programVersion } from '../src/platform/version.ts';
import { documents, sha256, writeFiles } from './package/common-files.ts';
import { buildDeb } from './package/deb.ts';
import { ARCHITECTURES, type Architecture, type Build } from './package/layout.ts';
import { layOutProgram } from './package/program.ts';
import { buildTarball } from './package/tarball.ts';

// `npm run package`: the .deb, the .tar.gz and the bill of materials, byte for byte the same from the same commit.
// Needs git, npm, tar, gzip and dpkg-deb; the network only for what npm's cache lacks.

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'dist' },
    arch: { type: 'string', default: process.arch },
  },
});
const source = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'raisingd-package-'));
try {
  const build: Build = {
    version: programVersion(),
    arch: architecture(values.arch),
    date: sourceDate(),
    source,
    out: resolve(values.out),
    scratch,
  };
  mkdirSync(build.out, { recursive: true });
  const program = layOutProgram(build);
  const written = documents(build, program);
  const bom = `raisingd-${build.version}-linux-${build.arch}.cdx.json`;
  writeFiles(build.out, { [bom]: written['sbom.cdx.json'] });
  const copy = join(scratch, 'copy');
  cpSync(program, copy, { recursive: true });
  for (const file of [
    buildDeb(build, program, written),
    buildTarball(build, copy, written),
    join(build.out, bom),
  ]) {
    const mebibytes = (statSync(file).size / 2 ** 20).toFixed(1).padStart(6);
    process.stdout.write(`${sha256(readFileSync(file))}  ${mebibytes} MiB  ${basename(file)}\n`);
  }
} finally {
  rmSync(scratch, { recursive: true });
}

function architecture(name: string): Architecture {
  const known = Object.keys(ARCHITECTURES) as Architecture[];
  const found = known.find((one) => one === name);
  if (found === undefined) throw new Error(`--arch: ${name} is none of ${known.join(', ')}`);
  return found;
}

/** The time that the packages carry: that of the last commit, or SOURCE_DATE_EPOCH (reproducible-builds.org). */
function sourceDate(): Date {
  const commit = ['log', '-1', '--format=%ct'];
  const seconds =
    process.env['SOURCE_DATE_EPOCH'] ?? execFileSync('git', commit, { cwd: source, encoding: 'utf8' }).trim();
  return new Date(1000 * Number(seconds));
}
