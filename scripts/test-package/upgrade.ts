import type { Earlier } from './earlier.ts';
import { until, type Machine } from './machine.ts';
import {
  DELIVERED,
  configText,
  expect,
  logged,
  property,
  sequence,
  startLis,
  stopLis,
  timesLogged,
  writeConfig,
} from './site.ts';
import type { Transcript } from './transcript.ts';

/** One delivered and one queued result under the version before; both have to survive the new one. */
export async function upgrade(
  transcript: Transcript,
  machine: Machine,
  { earlier, deb }: { readonly earlier: Earlier; readonly deb: string },
): Promise<void> {
  const { heading, say, type } = transcript;
  heading('Upgrade from the version before');
  machine.run(`dpkg -i ${earlier.deb} && install -d /srv/sequencer`);
  writeConfig(machine, configText());
  startLis(machine);
  type(machine, `dpkg-query --show raisingd && systemctl enable --now raisingd`);
  sequence(transcript, machine, 'S25-000121');
  await until('the first result is delivered', () => timesLogged(machine, DELIVERED) === 1);
  stopLis(machine);
  sequence(transcript, machine, 'S25-000122');
  await until('the second result is queued', () => timesLogged(machine, 'A result was released') === 2);
  const before = machine.run('raisingd queue list --all --json');
  type(machine, 'raisingd queue list --all');
  const config = machine.run('sha256sum /etc/raisingd/raisingd.yaml');

  type(machine, `dpkg -i ${deb}`);
  expect('it runs again', machine.holds('systemctl is-active raisingd'));
  expect('the configuration is as it was', machine.run('sha256sum /etc/raisingd/raisingd.yaml') === config);
  expect('the database was copied first', logged(machine, 'The database was copied before its upgrade'));
  type(machine, 'ls /var/lib/raisingd/backups');
  startLis(machine);
  await until('what was queued is delivered', () => timesLogged(machine, DELIVERED) === 2);
  const ids = (list: string): string => [...list.matchAll(/"controlId":"(\w+)"/g)].map(([, id]) => id).join();
  const after = machine.run('raisingd queue list --all --json');
  type(machine, 'raisingd queue list --all');
  expect('the messages are the same', ids(before) !== '' && ids(after) === ids(before));
  type(machine, 'raisingd audit verify');

  say('An older version refuses the newer database, and nothing is lost by trying:');
  machine.run(`dpkg -i ${earlier.deb}`);
  expect('it did not start', property(machine, 'ActiveState') !== 'active');
  type(machine, "journalctl --unit raisingd --output cat --no-pager | grep --max-count=1 'cannot start'");
  machine.run(`dpkg -i ${deb}; systemctl restart raisingd`);
  expect('the newer one runs', machine.holds('systemctl is-active raisingd'));
}
