import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import type { Config } from '../config/schema.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

/** Made by systemd while the service runs, for the service alone. */
const CREDENTIALS = '/run/credentials/';

/** Files that hold a secret: there, readable for this user, and for no stranger. Their content is not looked at. */
export async function secretFindings(config: Config): Promise<Finding[]> {
  return Promise.all(secretsOf(config).map(([key, file]) => look(key, file)));
}

async function look(key: string, file: string): Promise<Finding> {
  const area = 'secret';
  try {
    const { mode } = await stat(file);
    await access(file, constants.R_OK);
    if ((mode & 0o007) !== 0) return warn(area, `${key}: ${file} is open to everyone`, `chmod o= ${file}`);
    return ok(area, `${key}: ${file}`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    if (file.startsWith(CREDENTIALS)) {
      const remedy =
        'systemd makes it while the service runs: LoadCredential in the unit, systemctl status raisingd.';
      return warn(area, `${key}: ${file} cannot be seen from here (${code})`, remedy);
    }
    return fail(
      area,
      `${key}: ${file} cannot be read (${code})`,
      'Write it, and make it readable for the service.',
    );
  }
}

function secretsOf({ lis, orders, lookup, alerts }: Config): readonly (readonly [string, string])[] {
  const named: [string, string | undefined][] = [
    ...lis.flatMap(({ name, mllp, http }): [string, string | undefined][] => [
      [`lis ${name} tls.key`, (mllp?.tls ?? http?.tls)?.key],
      [`lis ${name} authorizationFile`, http?.authorizationFile],
    ]),
    ['orders.mllp.tls.key', orders?.mllp.tls?.key],
    ['lookup.tokenFile', lookup?.tokenFile],
    ...alerts.channels.flatMap(({ name, webhook, email }): [string, string | undefined][] => [
      [`alert channel ${name} urlFile`, webhook?.urlFile],
      [`alert channel ${name} passwordFile`, email?.passwordFile],
    ]),
  ];
  return named.flatMap(([key, file]) => (file === undefined ? [] : [[key, file] as const]));
}
