import { execFileSync } from 'node:child_process';
import { openSync, readFileSync, renameSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { shareFiles, takeDocuments, unitFor, writeFiles, type Files } from './common-files.ts';
import { fixModesAndTimes } from './fix-times.ts';
import { TAR_HOME, type Build } from './layout.ts';

/** Packs the program as a folder that runs wherever it is unpacked; returns its path. `program` is moved into it. */
export function buildTarball(build: Build, program: string, written: Files): string {
  const { version, arch, date, source, out, scratch } = build;
  const name = `raisingd-${version}-linux-${arch}`;
  const home = join(scratch, name);
  renameSync(program, home);
  writeFiles(home, written);
  takeDocuments(home, join(home, 'documents'));
  writeFiles(join(home, 'share'), shareFiles(build));
  writeFiles(join(home, 'systemd'), {
    'raisingd.service': unitFor(source, 'raisingd', TAR_HOME),
    'raisingd-failure.service': unitFor(source, 'raisingd-failure', TAR_HOME),
    'raisingd.sysusers': readFileSync(join(source, 'systemd/raisingd.sysusers')),
  });
  fixModesAndTimes(home, date);
  const file = join(out, `${name}.tar.gz`);
  const tar = [
    '--sort=name',
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--format=gnu',
    '-C',
    scratch,
    '-cf',
    '-',
  ];
  const packed = openSync(file, 'w');
  // Through a pipe gzip knows neither name nor time of what it packs.
  execFileSync('bash', ['-c', 'set -o pipefail; tar "$@" | gzip -9', 'tar', ...tar, name], {
    stdio: ['ignore', packed, 'inherit'],
  });
  closeSync(packed);
  return file;
}
