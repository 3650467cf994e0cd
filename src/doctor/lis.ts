import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config, Destination } from '../config/schema.ts';
import { transportOf, type Mllp, type Transport } from '../config/transport.ts';
import { connect } from '../deliver/connection.ts';
import { isStrange, MARK } from '../deliver/folder-mark.ts';
import { createKnownFolders, type KnownFolders } from '../deliver/known-folders.ts';
import { createOpener } from '../deliver/open.ts';
import { describeOutcome } from '../outbox/outcome.ts';
import { certificateEnds, tlsRemarks } from '../upkeep/certificates.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

const AREA = 'lis';

/** Each destination: can it be reached, and are the certificates in order, theirs and ours. Nothing is sent. */
export async function lisFindings({ dataDir, lis, upkeep }: Config, now: Date): Promise<Finding[]> {
  if (lis.length === 0)
    return [warn(AREA, 'lis is empty: results are scored and sent nowhere', 'Name a destination.')];
  const days = upkeep.certificates.warnDays;
  const knownFolders = createKnownFolders(dataDir);
  const found = lis.map((destination) => look(destination, days, now, knownFolders));
  return (await Promise.all(found)).flat();
}

async function look(
  destination: Destination,
  days: number,
  now: Date,
  knownFolders: KnownFolders,
): Promise<Finding[]> {
  const own = tlsRemarks(destination, now, days).map((remark) =>
    warn(
      AREA,
      `${destination.name}: ${remark}`,
      'Renew or correct the file; it is read at the next connection.',
    ),
  );
  return [...(await reach(destination, days, now, knownFolders)), ...own];
}

async function reach(
  destination: Destination,
  days: number,
  now: Date,
  knownFolders: KnownFolders,
): Promise<Finding[]> {
  const { name, timeouts } = destination;
  const transport = transportOf(destination);
  if (transport.kind === 'file') {
    const { folder } = transport;
    const works = await access(folder, constants.W_OK | constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!works) {
      const remedy = 'Make the folder, or give the right.';
      return [fail(AREA, `${name}: ${folder} may not be written by this user`, remedy)];
    }
    if (!(await isStrange(folder, knownFolders.markOf(folder).known)))
      return [ok(AREA, `${name}: ${folder} may be written`)];
    const remedy = `Mount its share. If this is the right folder now: sudo -u raisingd truncate -s 0 ${join(folder, MARK)}`;
    return [fail(AREA, `${name}: ${folder} lacks the ${MARK} that the service left in it`, remedy)];
  }
  const target = targetOf(transport);
  const peers: Date[] = [];
  const opener = createOpener(target, (validTo) => {
    peers.push(validTo);
  });
  const began = performance.now();
  const connection = await connect(opener, timeouts.connectSeconds, undefined);
  const at = `${target.host} port ${target.port}`;
  if ('kind' in connection) {
    const remedy = 'Check address, firewall and certificates; the LIS team can tell whether it listens.';
    return [fail(AREA, `${name}: ${at}: ${describeOutcome(connection)}`, remedy)];
  }
  connection.destroy();
  const ms = Math.round(performance.now() - began);
  const how = target.tls === undefined ? 'connects' : 'connects with TLS';
  const found = [ok(AREA, `${name}: ${at} ${how}, ${ms} ms; raisingd lis test ${name} sends a test message`)];
  const ends = peers.flatMap((peer) => certificateEnds('the certificate of the LIS', peer, now, days));
  return [...found, ...ends.map((text) => warn(AREA, `${name}: ${text}`, 'Tell the LIS team.'))];
}

function targetOf(transport: Exclude<Transport, { kind: 'file' }>): Mllp {
  if (transport.kind === 'mllp') return transport;
  const { protocol, hostname, port } = new URL(transport.url);
  const isSecure = protocol === 'https:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const number = port === '' ? (isSecure ? 443 : 80) : Number(port);
  const tls = isSecure ? (transport.tls ?? { minVersion: 'TLSv1.2' as const }) : undefined;
  return { host, port: number, ...(tls === undefined ? {} : { tls }) };
}
