import { until, type Machine } from './machine.ts';
import { DELIVERED, expect, SAMPLES, startLis, timesLogged } from './site.ts';
import type { Transcript } from './transcript.ts';

/** A share whose server can be there or not: mount(8) asks this program for file systems of the kind nfs. */
const SERVER = '/var/share';
const MOUNT_NFS = `#!/bin/sh
[ -e ${SERVER} ] || { echo 'mount.nfs: Connection refused' >&2; exit 32; }
exec mount --no-canonicalize --internal-only --bind ${SERVER} "$2"
`;

/** Sets the machine up as docs/operations.md says, with a server that is away when the machine starts next. */
export function mountShare({ heading, type }: Transcript, machine: Machine): void {
  machine.run(`install -m 0755 /dev/stdin /usr/sbin/mount.nfs <<'END'\n${MOUNT_NFS}END`);
  machine.run('systemctl stop raisingd && rm -r /srv/sequencer');
  heading('The server starts while the share is away');
  const options = 'ro,soft,_netdev,nofail,x-systemd.automount';
  type(machine, 'install -d -m 0000 /srv/sequencer');
  type(machine, `echo 'sequencer:/runs /srv/sequencer nfs ${options} 0 0' >>/etc/fstab`);
  type(
    machine,
    `install -d /etc/systemd/system/srv-sequencer.mount.d
printf '[Unit]\\nStartLimitIntervalSec=0\\n' >/etc/systemd/system/srv-sequencer.mount.d/again.conf`,
  );
}

/** After the restart of the machine. */
export async function absentShare({ say, type }: Transcript, machine: Machine): Promise<void> {
  startLis(machine);
  const state = (word: string) => () =>
    machine.holds(`raisingd status | grep --quiet '/srv/sequencer: ${word}'`);
  const before = timesLogged(machine, DELIVERED);
  const delivered = (count: number) => () => timesLogged(machine, DELIVERED) === before + count;

  await until('the service runs', () => machine.holds('systemctl is-active raisingd'));
  await until('the share is missed', state('unavailable'));
  type(machine, 'raisingd status | grep -e runs -e /srv/sequencer');
  const refusals = (): number =>
    Number(machine.run('journalctl --unit srv-sequencer.mount | grep --count refused || true'));
  const first = refusals();
  await until('mounting has been tried often enough for systemd to give up', () => refusals() > first + 6);
  say('When its server is there, the service finds the share by itself:');
  machine.run(`mkdir ${SERVER} && cp ${SAMPLES}/S25-000123_*.ab1 ${SERVER}/`);
  await until('the trace there is delivered', delivered(1));
  say('It goes away and comes back:');
  machine.run(`mv ${SERVER} ${SERVER}.away && umount /srv/sequencer`);
  await until('the share is missed', state('unavailable'));
  type(machine, 'raisingd status | grep -e runs -e /srv/sequencer');
  machine.run(`mv ${SERVER}.away ${SERVER} && cp ${SAMPLES}/S25-000124_*.ab1 ${SERVER}/`);
  await until('the next trace is delivered', delivered(2));
  expect(
    'the service was never restarted',
    machine.holds('systemctl show --property=NRestarts raisingd | grep -q =0'),
  );
}
