import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { shareFiles, takeDocuments, unitFor, writeFiles, type Files } from './common-files.ts';
import { fixModesAndTimes } from './fix-times.ts';
import { ARCHITECTURES, DEB_HOME, type Build } from './layout.ts';

const SCRIPTS = new URL('debian/', import.meta.url);

/** Packs the program as a Debian package; returns its path. `program` is moved into it. */
export function buildDeb(build: Build, program: string, written: Files): string {
  const { version, arch, date, source, out, scratch } = build;
  const root = join(scratch, 'deb');
  const docs = join(root, 'usr/share/doc/raisingd');
  const home = join(root, DEB_HOME);
  mkdirSync(join(root, 'usr/lib'), { recursive: true });
  renameSync(program, home);
  writeFiles(docs, written);
  takeDocuments(home, docs);
  renameSync(join(docs, 'LICENSE'), join(docs, 'copyright'));
  writeFiles(join(root, 'usr/share'), shareFiles(build));
  writeFiles(join(root, 'usr/lib/systemd/system'), {
    'raisingd.service': unitFor(source, 'raisingd', DEB_HOME),
    'raisingd-failure.service': unitFor(source, 'raisingd-failure', DEB_HOME),
  });
  writeFiles(join(root, 'usr/lib/sysusers.d'), {
    'raisingd.conf': readFileSync(join(source, 'systemd/raisingd.sysusers')),
  });
  mkdirSync(join(root, 'usr/bin'));
  symlinkSync(`..${DEB_HOME.slice('/usr'.length)}/bin/raisingd`, join(root, 'usr/bin/raisingd'));
  // No conffile: every site edits its configuration, and would be asked about it at every upgrade.
  mkdirSync(join(root, 'etc/raisingd'), { recursive: true });
  symlinkSync(`${DEB_HOME}/config/raisingd.schema.json`, join(root, 'etc/raisingd/raisingd.schema.json'));

  writeFiles(join(root, 'DEBIAN'), { control: control(build, kibibytes(root)), md5sums: md5sums(root) });
  for (const name of ['postinst', 'prerm', 'postrm']) {
    cpSync(new URL(name, SCRIPTS), join(root, 'DEBIAN', name));
    chmodSync(join(root, 'DEBIAN', name), 0o755);
  }
  fixModesAndTimes(root, date);
  const file = join(out, `raisingd_${version}_${ARCHITECTURES[arch]}.deb`);
  const packing = ['-Zzstd', '-z12', '--threads-max=1', '--root-owner-group'];
  execFileSync('dpkg-deb', [...packing, '--build', root, file], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, SOURCE_DATE_EPOCH: String(date.getTime() / 1000) },
  });
  return file;
}

function control({ version, arch }: Build, size: number): string {
  return `Package: raisingd
Version: ${version}
Architecture: ${ARCHITECTURES[arch]}
Maintainer: The raisingd authors <raisingd@localhost>
Installed-Size: ${size}
Depends: systemd (>= 252), libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 7)
Suggests: cifs-utils, nfs-common
Section: science
Priority: optional
Description: HTLV-1 clonality from sequencer folder to LIS
 Watches the folder into which a Sanger sequencer writes, scores each new HTLV-1
 RAISING trace (clonality value Cv, ATL risk tier and region), and sends the
 result to the laboratory information system as HL7 v2. Brings its own Node.js.
 .
 Research use only until your laboratory has validated it.
`;
}

/** What \`dpkg --verify\` compares an installation with. */
function md5sums(root: string): string {
  return filesBelow(root)
    .map(
      (file) =>
        `${createHash('md5')
          .update(readFileSync(join(root, file)))
          .digest('hex')}  ${file}\n`,
    )
    .join('');
}

function kibibytes(root: string): number {
  return filesBelow(root).reduce((sum, file) => sum + Math.ceil(lstatSync(join(root, file)).size / 1024), 0);
}

/** Paths of all regular files, sorted. */
function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1))
    .sort();
}
