import { until, type Machine } from './machine.ts';
import { DELIVERED, expect, property, startLis, timesLogged, sequence } from './site.ts';
import type { Transcript } from './transcript.ts';

/** From an unpacked server to the first acknowledged result; returns the seconds that it took. */
export async function firstDay(transcript: Transcript, machine: Machine, deb: string): Promise<number> {
  const { heading, say, type } = transcript;
  const began = performance.now();
  heading('From nothing to the first acknowledgement');
  type(machine, `dpkg -i ${deb}`);
  expect(
    'nothing was started',
    !machine.holds('systemctl is-active raisingd || systemctl is-enabled raisingd'),
  );

  type(machine, 'install -d /srv/sequencer');
  type(machine, 'raisingd init --yes --folder /srv/sequencer --lis-host 127.0.0.1');
  say('A mistake is named before it can do harm:');
  machine.run(`sed -i 's/^watch:/wacth:/' /etc/raisingd/raisingd.yaml`);
  expect('check finds it', !machine.holds('raisingd check'));
  type(machine, 'raisingd check || echo "exit code $?"');
  machine.run(`sed -i 's/^wacth:/watch:/' /etc/raisingd/raisingd.yaml`);
  type(machine, 'raisingd check');

  startLis(machine);
  type(machine, 'systemctl enable --now raisingd && systemctl is-active raisingd');
  expect(
    'it runs as its own user',
    machine.run(`stat -c %U /proc/${property(machine, 'MainPID')}`).trim() === 'raisingd',
  );
  expect(
    'its data belong to it alone',
    machine.run('stat -c %a:%U /var/lib/raisingd').trim() === '700:raisingd',
  );
  sequence(transcript, machine, 'S25-000123');
  await until('the first message is acknowledged', () => timesLogged(machine, DELIVERED) === 1);
  const seconds = (performance.now() - began) / 1000;

  type(machine, 'raisingd queue list --all');
  type(machine, 'raisingd status');
  type(machine, 'raisingd doctor || echo "exit code $?"');
  say(`From the beginning of dpkg to the first acknowledgement: ${(seconds / 60).toFixed(1)} minutes.`);
  return seconds;
}
