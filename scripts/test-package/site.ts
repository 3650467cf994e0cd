import { until, type Machine } from './machine.ts';
import type { Transcript } from './transcript.ts';

/** What every machine of the test has in common: a hospital with one LIS, on the machine itself. */

/** What the service logs for each acknowledgement. */
export const DELIVERED = 'A message was delivered';
export const SAMPLES = '/usr/lib/raisingd/samples';

/** The whole configuration of the test's site, as a user would type it. */
export function configText(scanSeconds = 1): string {
  return [
    'dataDir: /var/lib/raisingd',
    `watch: { folders: [/srv/sequencer], scanSeconds: ${scanSeconds}, quietSeconds: 0.5 }`,
    'lis: [{ name: main, mllp: { host: 127.0.0.1, port: 2575 }, message: { processingId: T } }]',
  ].join('\n');
}

export function writeConfig(machine: Machine, text: string): void {
  machine.run(`cat >/etc/raisingd/raisingd.yaml <<'END'\n${text}\nEND`);
}

/** Shortens what would only make the test wait. */
export function beQuick(machine: Machine): void {
  machine.run(`mkdir -p /run/systemd/system/raisingd.service.d
cat >/run/systemd/system/raisingd.service.d/quick.conf <<'END'
[Service]
RestartSec=200ms
WatchdogSec=3
TimeoutAbortSec=1
END
systemctl daemon-reload`);
}

export function startLis(machine: Machine, program = 'raisingd'): void {
  machine.run(`systemd-run --quiet --unit=lis ${program} lis listen --port 2575`);
}

export function stopLis(machine: Machine): void {
  machine.run('systemctl stop lis');
}

/** A sequencer that finishes one of the bundled samples. */
export function sequence(transcript: Transcript, machine: Machine, sample: string): void {
  transcript.type(machine, `cp ${SAMPLES}/${sample}_*.ab1 /srv/sequencer/`);
}

const LOG = 'journalctl --unit raisingd --output cat --no-pager';

/** How often something stands in the service's log. */
export function timesLogged(machine: Machine, words: string): number {
  return Number(machine.run(`${LOG} | grep --count -- '${words}' || true`));
}

export function logged(machine: Machine, words: string): boolean {
  return timesLogged(machine, words) > 0;
}

/** A property of the unit, such as MainPID. */
export function property(machine: Machine, name: string): string {
  return machine.run(`systemctl show --property=${name} --value raisingd`).trim();
}

/** Waits until another process has become the service than the one given. */
export async function restartedAfter(machine: Machine, pid: string): Promise<void> {
  await until('another process runs', () => {
    const now = property(machine, 'MainPID');
    return now !== '0' && now !== pid && machine.holds('systemctl is-active raisingd');
  });
}

export function expect(what: string, holds: boolean): void {
  if (!holds) throw new Error(`not so: ${what}`);
}
