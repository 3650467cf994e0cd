import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config, Destination } from '../config/schema.ts';
import type { Tls } from '../config/transport.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { Alerts } from '../alerts/alerts.ts';
import type { Job } from './schedule.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

export interface CertificatesDeps {
  readonly settings: Config['upkeep']['certificates'];
  /** `peerValidTo`: until when the certificate is valid that the LIS showed last; null where it showed none. */
  readonly destinations: () => readonly {
    readonly destination: Destination;
    readonly peerValidTo: Date | null;
  }[];
  readonly clock: Clock;
  readonly log: Log;
  readonly alerts: Alerts;
}

/** Looks every day, and at each start, whether a certificate is about to expire: theirs, ours, and who signed. */
export function certificatesJob({ settings, destinations, clock, log, alerts }: CertificatesDeps): Job {
  return {
    name: 'certificates',
    cron: settings.cron,
    overdue: () => Promise.resolve(true),
    run: () => {
      const now = clock.now();
      for (const { destination, peerValidTo } of destinations()) {
        const { name } = destination;
        const remarks = tlsRemarks(destination, now, settings.warnDays);
        if (peerValidTo !== null)
          remarks.push(...certificateEnds('the certificate of the LIS', peerValidTo, now, settings.warnDays));
        const key = `certificate:${name}` as const;
        for (const remark of remarks)
          log.warn('A certificate needs attention', { destination: name, remark });
        if (remarks.length > 0) alerts.raise(key, `${name}: ${remarks.join('; ')}`);
        else alerts.clear(key, `${name}: the certificates are in order`);
      }
    },
  };
}

/** What is wrong, or will be within so many days, with the certificates and keys that a destination names. */
export function tlsRemarks({ mllp, http }: Destination, now: Date, warnDays: number): string[] {
  const tls = mllp?.tls ?? http?.tls;
  if (tls === undefined) return [];
  return [
    ...(tls.ca === undefined ? [] : fileRemarks('tls.ca', tls.ca, now, warnDays)),
    ...(tls.cert === undefined ? [] : fileRemarks('tls.cert', tls.cert, now, warnDays)),
    ...keyRemarks(tls),
  ];
}

function fileRemarks(key: string, path: string, now: Date, warnDays: number): string[] {
  try {
    const certificates = certificatesIn(path);
    // Of several the last to expire counts: an old authority may stand beside its successor.
    const last = certificates.reduce((one, other) => (one.validToDate > other.validToDate ? one : other));
    return certificateEnds(
      `${key} (${path})`,
      key === 'tls.cert' ? (certificates[0] ?? last).validToDate : last.validToDate,
      now,
      warnDays,
    );
  } catch (error) {
    return [`${key} (${path}) ${reasonOf(error)}`];
  }
}

/** A key of another certificate, or none, would only show when the LIS refuses. */
function keyRemarks({ cert, key }: Tls): string[] {
  if (cert === undefined || key === undefined) return [];
  try {
    const privateKey = createPrivateKey(readFileSync(key));
    const [own] = certificatesIn(cert);
    return own?.checkPrivateKey(privateKey) === false ? [`tls.key (${key}) is not the key of tls.cert`] : [];
  } catch (error) {
    return [`tls.key (${key}) ${reasonOf(error)}`];
  }
}

function certificatesIn(path: string): X509Certificate[] {
  const found = readFileSync(path, 'utf8').match(PEM) ?? [];
  if (found.length === 0) throw new Error('holds no PEM certificate');
  return found.map((pem) => new X509Certificate(pem));
}

/** What to say of a certificate that has expired, or will within so many days; else nothing. */
export function certificateEnds(what: string, at: Date, now: Date, warnDays: number): string[] {
  const days = Math.floor((at.getTime() - now.getTime()) / DAY_MS);
  const day = at.toISOString().slice(0, 10);
  if (days < 0) return [`${what} expired on ${day}`];
  return days < warnDays ? [`${what} expires on ${day}, in ${days} days`] : [];
}

/** Never the file's content. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'cannot be used';
  return 'code' in error ? `cannot be used (${String(error.code)})` : error.message;
}
