import { createServer as createTlsServer } from 'node:tls';
import { connect } from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createAuthority, type Signed } from '../../deliver/support/certificates.ts';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { inState, mainDestination } from '../framework/destination.ts';
import { layCable } from '../framework/network.ts';
import { seconds } from '../framework/stopwatch.ts';
import { until } from '../framework/wait.ts';

const TIMEOUTS = { connectSeconds: 1, ackSeconds: 1 };
const NEEDS = ['root', 'ip', 'tc'] as const;

/** The cable is pulled between a message and the next, and neither end is told: a kept connection that leads nowhere. */
async function halfOpen(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const cable = await layCable(bench, site.lis.journal);
  site.configure({ lis: [mainDestination(cable, { timeouts: TIMEOUTS })] });
  const daemon = site.start();
  await daemon.ready();
  let longest = 0;
  const rounds = 3;
  for (let round = 1; round <= rounds; round += 1) {
    site.drop(3);
    await site.settled();
    const before = daemon.log.length;
    cable.unplug();
    site.drop(3);
    await until(
      () =>
        daemon.log.slice(before).some((line) => line['alert'] === 'lis:main' && line['event'] === 'raised'),
      { signal: bench.signal, what: 'the deadline is over and an alarm tells' },
    );
    cable.plugIn();
    const began = performance.now();
    await site.settled(60);
    longest = Math.max(longest, seconds(began));
  }
  const verdict = await site.settled();
  expect(verdict.places.acknowledged === 6 * rounds, JSON.stringify(verdict.places));
  return {
    injections: rounds,
    ...judgement(verdict),
    recoveredSeconds: longest,
    note: `the other end's interface was down ${rounds} times while a connection was kept open`,
  };
}

/** The LIS's machine takes bytes, and its program does nothing with them. */
async function frozen(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const cable = await layCable(bench, site.lis.journal);
  site.configure({ lis: [mainDestination(cable, { timeouts: TIMEOUTS })] });
  await site.start().ready();
  site.drop(3);
  await site.settled();
  cable.freeze();
  site.drop(5);
  await until(() => inState(site.database, 'main', 'queued') === 5, {
    signal: bench.signal,
    what: 'five wait',
  });
  const over = performance.now() + 4000;
  await until(() => performance.now() > over, { signal: bench.signal, what: 'it stays frozen' });
  cable.goOn();
  const began = performance.now();
  const verdict = await site.settled(60);
  expect(verdict.places.acknowledged === 8, JSON.stringify(verdict.places));
  return {
    injections: 1,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: `SIGSTOP for 4 s; it read what had been sent meanwhile, ${verdict.repeats} repeats`,
  };
}

async function slow(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const cable = await layCable(bench, site.lis.journal);
  site.configure({ lis: [mainDestination(cable, { timeouts: { connectSeconds: 5, ackSeconds: 10 } })] });
  cable.limit('20kbit');
  await site.start().ready();
  site.drop(8);
  const began = performance.now();
  const verdict = await site.settled(60);
  expect(verdict.places.acknowledged === 8 && verdict.repeats === 0, JSON.stringify(verdict));
  return {
    injections: 8,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: '20 kbit/s (tc tbf); nothing had to be sent twice',
  };
}

/** TLS in front of the receiver, with the certificate of the moment. */
async function certificate(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const folder = bench.folder();
  const authority = createAuthority(folder, 'authority');
  let signed = authority.sign('expired', { days: -2 });
  const server = createTlsServer((socket) => {
    const behind = connect(site.lis.port, site.lis.host);
    for (const one of [socket, behind]) one.on('error', () => undefined);
    socket.pipe(behind).pipe(socket);
  });
  server.on('tlsClientError', () => undefined);
  const show = ({ cert, key }: Signed): void =>
    server.setSecureContext({ cert: readFileSync(cert), key: readFileSync(key) });
  show(signed);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  bench.onEnd(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  site.configure({
    lis: [
      mainDestination(site.lis, {
        mllp: { host: '127.0.0.1', port: address.port, tls: { ca: authority.ca } },
      }),
    ],
    upkeep: { certificates: { cron: '* * * * * *', warnDays: 30 } },
  });
  const daemon = site.start();
  await daemon.ready();
  site.drop(3);
  await until(() => daemon.log.some((line) => String(line['outcome']).includes('expired')), {
    signal: bench.signal,
    what: 'the log says that the certificate has expired',
  });
  expect(site.lis.received() === 0, 'nothing was sent to whom cannot be trusted');
  await until(() => inState(site.database, 'main', 'queued') === 3, {
    signal: bench.signal,
    what: 'the messages wait',
  });
  signed = authority.sign('renewed', { days: 10 });
  show(signed);
  const began = performance.now();
  const verdict = await site.settled();
  const recoveredSeconds = seconds(began);
  await until(() => daemon.log.some((line) => line['alert'] === 'certificate:main'), {
    signal: bench.signal,
    what: 'an alarm says that the new one has ten days',
  });
  return {
    injections: 1,
    ...judgement(verdict),
    recoveredSeconds,
    note: 'refused and queued; delivered once it was renewed, and warned of its end in ten days',
  };
}

export const networkCases: readonly FaultCase[] = [
  {
    name: 'network: half-open link',
    expected: 'the deadline ends the connection, one alarm, and the same bytes go out when the cable is back',
    needs: NEEDS,
    run: halfOpen,
  },
  {
    name: 'network: the LIS is frozen',
    expected: 'as if it hung; what it reads later counts once',
    needs: NEEDS,
    run: frozen,
  },
  {
    name: 'network: slow link',
    expected: 'each message once, however long it takes',
    needs: NEEDS,
    run: slow,
  },
  {
    name: 'network: expired certificate',
    expected: 'refused and queued, delivered once it is renewed, and warned of its end',
    needs: ['openssl'],
    run: certificate,
  },
];
