import { execFileSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { until, type Machine } from './machine.ts';
import { DELIVERED, expect, property, SAMPLES, timesLogged, writeConfig } from './site.ts';
import type { Transcript } from './transcript.ts';

/** The last thing that is done on the old server; returns the path of the archive there. */
export function pack({ heading, type }: Transcript, machine: Machine): string {
  heading('Move to another server');
  type(machine, 'systemctl disable --now raisingd');
  type(machine, 'tar -C / -czf /root/raisingd-moved.tar.gz etc/raisingd var/lib/raisingd');
  return 'root/raisingd-moved.tar.gz';
}

/** On the new server, to which the LIS speaks over TLS only, and with a key that nobody but root can read. */
export async function unpackMoved(transcript: Transcript, machine: Machine, deb: string): Promise<void> {
  const { say, type } = transcript;
  machine.run(`dpkg -i ${deb}`);
  type(machine, 'tar -C / -xzf /root/raisingd-moved.tar.gz && chown -R raisingd: /var/lib/raisingd');
  machine.run(`install -d /srv/sequencer && cp ${SAMPLES}/S25-000123_*.ab1 /srv/sequencer/`);
  writeConfig(machine, SECURE);
  machine.run(
    `install -D -m 0600 lis.key /etc/raisingd/keys/lis.key && install -m 0644 lis.pem /etc/raisingd/`,
  );
  say('The key of the LIS connection stays with root, and reaches the service as a credential:');
  type(
    machine,
    `install -d /etc/systemd/system/raisingd.service.d
printf '[Service]\\nLoadCredential=lis-key:/etc/raisingd/keys/lis.key\\n' >/etc/systemd/system/raisingd.service.d/site.conf
systemctl daemon-reload`,
  );
  const tls = '--tls-cert /root/lis.pem --tls-key /root/lis.key --tls-ca /root/lis.pem';
  machine.run(`systemd-run --quiet --unit=lis raisingd lis listen --port 2575 ${tls}`);
  type(machine, 'raisingd check && systemctl enable --now raisingd');
  machine.run(`cp ${SAMPLES}/S25-000127_*.ab1 /srv/sequencer/`);
  await until('a new trace is delivered over TLS', () => timesLogged(machine, DELIVERED) === 1);
  expect(
    'a trace that the old server sent is not sent again',
    timesLogged(machine, 'A result was released') === 1,
  );
  expect('it runs well', property(machine, 'NRestarts') === '0');
  type(machine, 'raisingd audit verify');
}

const SECURE = `dataDir: /var/lib/raisingd
watch: { folders: [/srv/sequencer], scanSeconds: 1, quietSeconds: 0.5 }
lis:
  - name: main
    mllp:
      host: 127.0.0.1
      port: 2575
      tls: { ca: lis.pem, cert: lis.pem, key: /run/credentials/raisingd.service/lis-key }
    message: { processingId: T }`;

/** A certificate for both ends of the connection; returns its files. */
export function certificate(folder: string): string[] {
  const [key, pem] = [join(folder, 'lis.key'), join(folder, 'lis.pem')];
  const names = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '90'];
  execFileSync('openssl', ['req', ...made, ...names, '-keyout', key, '-out', pem], { stdio: 'ignore' });
  return [key, pem];
}

/** Takes a file out of a machine that has ended. */
export function takeOut(changes: string, path: string, folder: string): string {
  const file = join(folder, 'raisingd-moved.tar.gz');
  copyFileSync(join(changes, 'written', path), file);
  return file;
}
