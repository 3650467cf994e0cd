import { until, type Machine } from './machine.ts';
import { DELIVERED, configText, expect, startLis, timesLogged, writeConfig } from './site.ts';
import type { Transcript } from './transcript.ts';

/** The .tar.gz, installed as docs/operations.md says. */
export async function unpacked(transcript: Transcript, machine: Machine, tarball: string): Promise<void> {
  const { heading, type } = transcript;
  heading('From the .tar.gz');
  const folder = tarball.replace(/^.*\//, '').replace('.tar.gz', '');
  type(machine, `tar -C /opt -xzf ${tarball} && ln -sfn ${folder} /opt/raisingd`);
  type(
    machine,
    'ln -s /opt/raisingd/bin/raisingd /usr/local/bin/ && install -d /etc/raisingd /srv/sequencer',
  );
  type(machine, 'systemd-sysusers /opt/raisingd/systemd/raisingd.sysusers');
  type(
    machine,
    'install -m 0644 /opt/raisingd/systemd/*.service /etc/systemd/system/ && systemctl daemon-reload',
  );
  writeConfig(machine, configText());
  type(machine, 'raisingd check && systemctl enable --now raisingd');
  startLis(machine, '/opt/raisingd/bin/raisingd');
  machine.run('cp /opt/raisingd/samples/S25-000126_*.ab1 /srv/sequencer/');
  await until('the message is acknowledged', () => timesLogged(machine, DELIVERED) === 1);
  expect('no compiled code is kept beside it', !machine.holds('test -e /opt/raisingd/node_modules/.cache'));
}
