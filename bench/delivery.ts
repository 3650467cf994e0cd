import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSchema, type Destination } from '../src/config/schema.ts';
import { createCourier } from '../src/deliver/courier.ts';
import { clientFor } from '../src/destination-client.ts';
import { composeMessages } from '../src/hl7/compose.ts';
import { messageOptions } from '../src/hl7/profiles.ts';
import { testReport } from '../src/hl7/test-message.ts';
import { systemClock } from '../src/platform/clock.ts';
import { silentLog } from '../src/platform/log.ts';
import { openStore, type Store } from '../src/store/store.ts';
import type { Figure } from './figure.ts';
import { withReceiver } from './receiver.ts';

const SECONDS = 2;
const QUEUED = 3000;

/** Messages one at a time over loopback, each acknowledged before the next, against a receiver in another process. */
export async function measureDelivery(quick: boolean): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'raisingd-bench-'));
  try {
    const own = quick ? null : selfSigned(folder);
    const journal = join(folder, 'received.jsonl');
    const tls = own === null ? [] : ['-', own.cert, own.key];
    const figures = [
      await sending('MLLP', '1 kB, no fsync at the receiver', [], {}),
      await sending('MLLP with fsync at the receiver', '1 kB', [journal], {}),
      await sending('MLLP, a connection each', '1 kB, no fsync at the receiver', [], {
        connection: 'perMessage',
      }),
      await draining(folder),
    ];
    if (own === null) return figures;
    const secured = { tls: { ca: own.cert } };
    return [
      ...figures,
      await sending('MLLP over TLS 1.3', '1 kB, no fsync at the receiver', tls, secured),
      await sending('MLLP over TLS 1.3, a connection each', '1 kB, no fsync at the receiver', tls, {
        ...secured,
        connection: 'perMessage',
      }),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Way {
  readonly tls?: object;
  readonly connection?: Destination['connection'];
}

async function sending(what: string, on: string, receiver: readonly string[], way: Way): Promise<Figure> {
  return withReceiver(receiver, async (port) => {
    const destination = destinationAt(port, way);
    const client = clientFor(destination, { site: site(), clock: systemClock, log: silentLog });
    const bytes = messageOf(destination, 'RT000001');
    const message = { controlId: 'RT000001', bytes };
    await client.send(message);
    let count = 0;
    const began = performance.now();
    while (performance.now() - began < 1000 * SECONDS) {
      const outcome = await client.send(message);
      if (outcome.kind !== 'acknowledged') throw new Error(outcome.kind);
      count += 1;
    }
    const seconds = (performance.now() - began) / 1000;
    client.close();
    return { what: `${what}, one at a time`, value: count / seconds, unit: 'messages/s', on };
  });
}

/** The courier on a real outbox: each delivery is durable before the next message goes out. */
async function draining(folder: string): Promise<Figure> {
  return withReceiver([], async (port) => {
    const destination = destinationAt(port, {});
    const store = openStore(join(folder, 'bench.db'), { access: 'service', now: systemClock.now() });
    fill(store, destination);
    const done = Promise.withResolvers<undefined>();
    let delivered = 0;
    const courier = createCourier({
      ...{ destination, outbox: store.outbox, clock: systemClock, log: silentLog },
      client: clientFor(destination, { site: site(), clock: systemClock, log: silentLog }),
      onEvent: ({ kind }) => {
        if (kind === 'delivered' && ++delivered === QUEUED) done.resolve(undefined);
      },
      isPassing: () => false,
      onRefusal: () => undefined,
      onFatal: done.reject,
    });
    const began = performance.now();
    courier.start();
    await done.promise;
    const seconds = (performance.now() - began) / 1000;
    await courier.stop();
    store.close();
    return {
      what: 'queue drained by a courier',
      value: QUEUED / seconds,
      unit: 'messages/s',
      on: `${QUEUED} messages, each marked durably`,
    };
  });
}

function fill(store: Store, destination: Destination): void {
  store.transaction(() => {
    const now = systemClock.now();
    for (let index = 0; index < QUEUED; index += 1) {
      const sha256 = String(index).padStart(64, '0');
      const { id } = store.analyses.insert(
        {
          ...{
            sha256,
            assay: 'htlv1',
            parameters: 'bench',
            estimator: 'bench',
            origin: null,
            calibration: null,
            status: 'fail',
          },
          ...{
            cvRaw: null,
            cvInterval: null,
            reasons: [],
            junction: null,
            alternatives: {},
          },
          quality: { anchorScore: null, anchorShare: null, hostBases: null, hostToAnchor: null },
        },
        { file: sha256, scoredAt: now, injectionKey: null, accession: null },
      );
      const key = store.sequence.nextResultKey(now);
      const result = store.results.create({ key, accession: null, assay: 'htlv1', createdAt: now });
      const version = store.results.addVersion({
        ...{ resultId: result.id, analysisId: id, disposition: 'released', reportStatus: 'X', reasons: [] },
        ...{ context: null, risk: null, cutoffsVersion: 'bench', reportedAt: now, decidedAt: now },
        decidedBy: 'AUTO',
      });
      const controlId = store.sequence.nextControlId(now);
      store.outbox.enqueue({
        ...{ controlId, destination: destination.name, resultKey: key, resultVersionId: version.id },
        ...{ bytes: messageOf(destination, controlId), createdAt: now },
      });
    }
  });
}

function destinationAt(port: number, { tls, ...way }: Way): Destination {
  const mllp = { host: '127.0.0.1', port, ...(tls === undefined ? {} : { tls }) };
  const [destination] = configSchema.parse({ dataDir: '.', lis: [{ name: 'bench', mllp, ...way }] }).lis;
  if (destination === undefined) throw new Error('no destination');
  return destination;
}

const site = () => configSchema.parse({ dataDir: '.' }).site;

function messageOf(destination: Destination, controlId: string): Uint8Array {
  const now = systemClock.now();
  const { cutoffs } = configSchema.parse({ dataDir: '.' });
  const report = testReport(controlId, cutoffs, messageOptions(destination).charset, now);
  const composed = composeMessages(report, { lis: [destination], site: site() }, () => ({
    controlId,
    createdAt: now,
    software: { version: '0', build: '' },
  }));
  const [message] = composed.ok ? composed.messages : [];
  if (message === undefined) throw new Error('no message');
  return message.bytes;
}

/** Null where there is no openssl to make one. */
function selfSigned(folder: string): { readonly cert: string; readonly key: string } | null {
  const own = { cert: join(folder, 'lis.pem'), key: join(folder, 'lis.key') };
  const config = join(folder, 'openssl.cnf');
  writeFileSync(
    config,
    '[req]\ndistinguished_name=dn\nx509_extensions=ext\n[dn]\n[ext]\nsubjectAltName=IP:127.0.0.1\n',
  );
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', own.key];
  try {
    execFileSync(
      'openssl',
      ['req', '-x509', ...newKey, '-config', config, '-subj', '/CN=bench', '-days', '2', '-out', own.cert],
      { stdio: 'ignore' },
    );
    return own;
  } catch {
    process.stderr.write('no openssl: TLS is not measured\n');
    return null;
  }
}
