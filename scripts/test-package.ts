import { copyFileSync, globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { absentShare, mountShare } from './test-package/absent-share.ts';
import { debianRoot } from './test-package/debian-root.ts';
import { earlierPackage } from './test-package/earlier.ts';
import { atRest, exposure } from './test-package/figures.ts';
import { firstDay } from './test-package/first-day.ts';
import { boot, type Machine } from './test-package/machine.ts';
import { mishaps } from './test-package/mishaps.ts';
import { certificate, pack, takeOut, unpackMoved } from './test-package/move.ts';
import { removal } from './test-package/removal.ts';
import { createTranscript } from './test-package/transcript.ts';
import { unpacked } from './test-package/unpacked.ts';
import { upgrade } from './test-package/upgrade.ts';

// `npm run test:package`: installs what `npm run package` has built on fresh Debian machines, each with a systemd of
// its own and without a network, and lives through what a server lives through. Needs root and debootstrap.
// `--transcript FILE` keeps what was typed and answered.

if (process.getuid?.() !== 0) throw new Error('this test boots machines: run it as root');
const { values } = parseArgs({
  options: { dist: { type: 'string', default: 'dist' }, transcript: { type: 'string' } },
});
const source = fileURLToPath(new URL('..', import.meta.url));
const transcript = createTranscript((text) => void process.stdout.write(text));
const base = debianRoot();
const scratch = mkdtempSync(join(tmpdir(), 'raisingd-machines-'));

/** A machine with these files in /root, for as long as `visit` takes. */
async function on(
  name: string,
  files: readonly string[],
  visit: (machine: Machine) => Promise<void> | void,
): Promise<void> {
  const home = join(scratch, name, 'written/root');
  mkdirSync(home, { recursive: true });
  for (const file of files) copyFileSync(file, join(home, basename(file)));
  const machine = await boot(base, join(scratch, name));
  try {
    await visit(machine);
  } catch (error) {
    process.stderr.write(machine.run('journalctl --boot --unit raisingd --lines 40 --no-pager --output cat'));
    throw error;
  } finally {
    await machine.end();
  }
}

try {
  const deb = only('raisingd_*.deb');
  const tarball = only('raisingd-*.tar.gz');
  const before = earlierPackage(deb, source, scratch);
  const earlier = { ...before, deb: basename(before.deb) };

  let moving = '';
  await on('new', [deb], async (machine) => {
    const seconds = await firstDay(transcript, machine, basename(deb));
    await mishaps(transcript, machine);
    const { mebibytes, processor } = atRest(machine);
    transcript.heading('Figures');
    transcript.say(
      [
        `- dpkg to first acknowledgement: ${(seconds / 60).toFixed(1)} minutes`,
        `- at rest: ${mebibytes.toFixed(0)} MiB, ${processor.toFixed(1)} % of a processor`,
        `- exposure by systemd-analyze security: ${exposure(machine)}`,
      ].join('\n'),
    );
    moving = pack(transcript, machine);
  });
  const archive = takeOut(join(scratch, 'new'), moving, scratch);
  await on('moved', [deb, archive, ...certificate(scratch)], async (machine) => {
    await unpackMoved(transcript, machine, basename(deb));
    removal(transcript, machine, basename(deb));
  });
  await on('old', [before.deb, deb], async (machine) => {
    await upgrade(transcript, machine, { earlier, deb: basename(deb) });
    mountShare(transcript, machine);
  });
  await on('old', [], (machine) => absentShare(transcript, machine));
  await on('unpacked', [tarball], (machine) => unpacked(transcript, machine, basename(tarball)));
  if (values.transcript !== undefined) writeFileSync(values.transcript, transcript.text());
  process.stdout.write('\nthe package holds what it promises\n');
} finally {
  rmSync(scratch, { recursive: true });
}

function only(pattern: string): string {
  const [file, ...more] = globSync(join(values.dist, pattern));
  if (file !== undefined && more.length === 0) return file;
  throw new Error(
    `${values.dist} has ${more.length + (file === undefined ? 0 : 1)} of ${pattern}: npm run package`,
  );
}
