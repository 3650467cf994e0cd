import { until, type Machine } from './machine.ts';
import {
  DELIVERED,
  beQuick,
  configText,
  expect,
  logged,
  property,
  restartedAfter,
  sequence,
  timesLogged,
  writeConfig,
} from './site.ts';
import type { Transcript } from './transcript.ts';

const PROCESSES = 'cat /sys/fs/cgroup/system.slice/raisingd.service/cgroup.procs';

/** What the unit has to survive, on a machine where the service runs and one message was delivered. */
export async function mishaps(transcript: Transcript, machine: Machine): Promise<void> {
  await reload(transcript, machine);
  await deaths(transcript, machine);
  await shareAway(transcript, machine);
  stops(transcript, machine);
}

async function reload({ heading, say, type }: Transcript, machine: Machine): Promise<void> {
  heading('Reload');
  const pid = property(machine, 'MainPID');
  writeConfig(machine, configText(2));
  type(machine, 'systemctl reload raisingd');
  await until('the configuration is taken', () => logged(machine, 'The configuration was read again'));
  say('A broken configuration is named and not taken:');
  writeConfig(machine, configText(-1));
  type(machine, 'systemctl reload raisingd');
  await until('the fault is named', () => logged(machine, 'must be more than 0: -1'));
  expect('the service is active', machine.holds('systemctl is-active raisingd'));
  expect('the same process runs', property(machine, 'MainPID') === pid);
  writeConfig(machine, configText());
}

async function deaths(transcript: Transcript, machine: Machine): Promise<void> {
  const { heading, say, type } = transcript;
  heading('Kill, hang');
  beQuick(machine);
  machine.run('systemctl restart raisingd');
  const first = property(machine, 'MainPID');
  type(machine, 'systemctl kill --kill-whom=main --signal=KILL raisingd');
  await restartedAfter(machine, first);
  expect('a person was called', logged(machine, 'The service has ended: it was killed'));
  await until('and is told that it is over', () => logged(machine, 'The service runs again'));
  say('systemd has started it again. Next the service hangs, and the watchdog finds out:');
  const second = property(machine, 'MainPID');
  type(machine, 'systemctl kill --kill-whom=main --signal=STOP raisingd');
  await restartedAfter(machine, second);
  expect('it was the watchdog', logged(machine, 'The service has ended: it made no progress'));

  say('A scorer that hangs is replaced by the service itself, which goes on:');
  const third = property(machine, 'MainPID');
  type(machine, `kill -STOP $(${PROCESSES} | xargs -I{} grep -l intake.ts /proc/{}/cmdline | cut -d/ -f3)`);
  await until('it is replaced', () => logged(machine, 'the intake process is replaced'), 90_000);
  expect('the same service runs', property(machine, 'MainPID') === third);
  sequence(transcript, machine, 'S25-000124');
  await until('the next trace is delivered', () => timesLogged(machine, DELIVERED) === 2);
}

async function shareAway(transcript: Transcript, machine: Machine): Promise<void> {
  const { heading, say, type } = transcript;
  heading('The share goes away and comes back');
  machine.run('mount -t tmpfs share /srv/sequencer');
  await until('the empty folder is taken for a share that is away', () => logged(machine, 'not mounted'));
  say('The folder is another, empty file system all of a sudden: that is no share that was emptied.');
  type(machine, 'raisingd status | grep /srv/sequencer');
  machine.run('umount /srv/sequencer');
  await until('the share is back', () => logged(machine, '/srv/sequencer is available'));
  sequence(transcript, machine, 'S25-000125');
  await until('the next trace is delivered', () => timesLogged(machine, DELIVERED) === 3);
}

function stops({ heading, say, type }: Transcript, machine: Machine): void {
  heading('Stop, and a start that cannot succeed');
  type(machine, 'systemctl stop raisingd');
  expect(
    'it ended well',
    ['Result', 'ExecMainStatus'].map((name) => property(machine, name)).join() === 'success,0',
  );
  writeConfig(machine, configText().replace('dataDir', 'dataDri'));
  machine.run(`install -m 0755 /dev/stdin /etc/raisingd/on-failure <<'END'
#!/bin/sh
touch /run/hook-was-here
END`);
  say('With a broken configuration it fails once, and is not tried again:');
  expect('it does not start', !machine.holds('systemctl start raisingd'));
  type(machine, 'systemctl is-failed raisingd; journalctl --unit raisingd --lines 4 --output cat --no-pager');
  expect('the exit code is 2', property(machine, 'ExecMainStatus') === '2');
  expect('the hook was called', machine.holds('test -e /run/hook-was-here'));
  writeConfig(machine, configText());
  machine.run('systemctl start raisingd');
}
