import { expect } from './site.ts';
import type { Machine } from './machine.ts';
import type { Transcript } from './transcript.ts';

/** Removing keeps what belongs to the hospital, purging does not. */
export function removal({ heading, say, type }: Transcript, machine: Machine, deb: string): void {
  heading('Remove, purge');
  const data = machine.run('sha256sum /var/lib/raisingd/backups/* | sort; ls /etc/raisingd/raisingd.yaml');
  type(machine, 'dpkg --remove raisingd');
  expect('the service is gone', !machine.holds('systemctl cat raisingd'));
  expect('the program is gone', !machine.holds('test -e /usr/lib/raisingd'));
  type(machine, 'ls /etc/raisingd /var/lib/raisingd');
  const kept = machine.run('sha256sum /var/lib/raisingd/backups/* | sort; ls /etc/raisingd/raisingd.yaml');
  expect('data and configuration are as they were', kept === data);

  say('Installed again, it finds everything:');
  machine.run(`dpkg -i ${deb} && systemctl start raisingd`);
  type(machine, 'raisingd audit verify');
  type(machine, 'dpkg --purge raisingd');
  expect('nothing is left', !machine.holds('ls -d /etc/raisingd /var/*/raisingd /usr/lib/raisingd'));
  expect('the user is gone', !machine.holds('id raisingd'));
}
