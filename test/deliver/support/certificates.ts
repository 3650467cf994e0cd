import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Paths of a certificate and its key. */
export interface Signed {
  readonly cert: string;
  readonly key: string;
}

/** An authority of its own in a folder; certificates are made while the test runs, so that no key is ever kept. */
export interface Authority {
  /** Path of its own certificate. */
  readonly ca: string;
  /** @param days from now; negative: expired so long ago */
  sign(name: string, options?: { readonly host?: string; readonly days?: number }): Signed;
}

/** Tests that need certificates are skipped where this is false. */
export function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

export function createAuthority(folder: string, name: string): Authority {
  const key = join(folder, `${name}.key`);
  const ca = join(folder, `${name}.pem`);
  openssl(['req', '-x509', ...newKey(key), '-subj', `/CN=${name}`, '-days', '3650', '-out', ca]);
  return {
    ca,
    sign(subject, { host = '127.0.0.1', days = 365 } = {}) {
      const own = { cert: join(folder, `${subject}.pem`), key: join(folder, `${subject}.key`) };
      const request = join(folder, `${subject}.csr`);
      const extensions = join(folder, `${subject}.ext`);
      const kind = /^[\d.]+$/.test(host) ? 'IP' : 'DNS';
      writeFileSync(extensions, `subjectAltName=${kind}:${host}\n`);
      openssl(['req', '-new', ...newKey(own.key), '-subj', `/CN=${subject}`, '-out', request]);
      const end = new Date(Date.now() + days * 86_400_000);
      const begin = new Date(Math.min(Date.now(), end.getTime()) - 86_400_000);
      const database = join(folder, `${subject}.db`);
      writeFileSync(database, '');
      writeFileSync(join(folder, `${subject}.serial`), '01\n');
      const config = join(folder, `${subject}.cnf`);
      writeFileSync(
        config,
        [
          '[ca]',
          'default_ca=own',
          '[own]',
          `database=${database}`,
          `serial=${join(folder, `${subject}.serial`)}`,
        ]
          .concat([
            `new_certs_dir=${folder}`,
            'default_md=sha256',
            'policy=any',
            '[any]',
            'commonName=supplied',
            '',
          ])
          .join('\n'),
      );
      const period = ['-startdate', stamp(begin), '-enddate', stamp(end)];
      const files = ['-config', config, '-in', request, '-out', own.cert, '-cert', ca, '-keyfile', key];
      openssl(['ca', '-batch', '-notext', ...files, ...period, '-extfile', extensions]);
      return own;
    },
  };
}

function newKey(path: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', path];
}

function stamp(at: Date): string {
  return `${at.toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
}

function openssl(args: readonly string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
