import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { connect } from 'node:net';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createAuthority, type Signed } from '../../deliver/support/certificates.ts';
import { alarms } from '../framework/alarms.ts';
import { expect, judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import { inState, mainDestination } from '../framework/destination.ts';
import { layCable } from '../framework/network.ts';
import type { Receiver } from '../framework/receiver.ts';
import { seconds } from '../framework/stopwatch.ts';
import { until } from '../framework/wait.ts';

const TIMEOUTS = { connectSeconds: 1, ackSeconds: 2 };
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
    const told = (event: 'raised' | 'cleared'): number => alarms(daemon, 'lis:main', event, before);
    expect(cable.isConnected(), `round ${round}: a connection is kept open`);
    cable.unplug();
    expect(cable.isConnected(), `round ${round}: nobody is told that the cable is pulled`);
    site.drop(3);
    await until(() => told('raised') > 0, {
      signal: bench.signal,
      what: 'the deadline is over and an alarm tells',
    });
    cable.plugIn();
    const began = performance.now();
    await site.settled(60);
    longest = Math.max(longest, seconds(began));
    await until(() => told('cleared') > 0, { signal: bench.signal, what: 'the alarm ends' });
    expect(told('raised') === 1, `round ${round}: one alarm: ${told('raised')}`);
  }
  const verdict = await site.settled();
  expect(verdict.places.acknowledged === 6 * rounds, JSON.stringify(verdict.places));
  return {
    injections: rounds,
    ...judgement(verdict),
    recoveredSeconds: longest,
    note: `the other end's interface was down ${rounds} times while a connection was open and stayed so on this side; one alarm each time`,
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
  expect(inState(site.database, 'main', 'queued') === 5, 'all five wait while it is frozen');
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
  site.configure({ lis: [mainDestination(cable, { timeouts: { connectSeconds: 30, ackSeconds: 60 } })] });
  cable.limit('20kbit');
  await site.start().ready();
  site.drop(8);
  const began = performance.now();
  const verdict = await site.settled(60);
  expect(verdict.places.acknowledged === 8 && verdict.repeats === 0, JSON.stringify(verdict));
  const waited = cable.waited();
  expect(waited >= 8, `the link is slow: packets had to wait ${waited} times`);
  return {
    injections: 8,
    ...judgement(verdict),
    recoveredSeconds: seconds(began),
    note: `20 kbit/s (tc tbf), for which packets had to wait ${waited} times; nothing had to be sent twice`,
  };
}

/** TLS in front of a LIS. */
interface TlsFront {
  readonly port: number;
  /** The certificate for the connections to come; ends those that are open. */
  show(signed: Signed): void;
}

async function tlsFront(bench: Bench, { port, host }: Receiver): Promise<TlsFront> {
  const open = new Set<TLSSocket>();
  const server = createTlsServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    const behind = connect(port, host);
    for (const one of [socket, behind]) one.on('error', () => undefined);
    socket.pipe(behind).pipe(socket);
  });
  server.on('tlsClientError', () => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  bench.onEnd(() => server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return {
    port: address.port,
    show({ cert, key }) {
      server.setSecureContext({ cert: readFileSync(cert), key: readFileSync(key) });
      for (const socket of open) socket.destroy();
    },
  };
}

const WARN_DAYS = 30;

/** Expired; renewed for longer than anyone is warned; then for less. */
async function certificate(bench: Bench): Promise<Measured> {
  const site = await bench.site();
  const authority = createAuthority(bench.folder(), 'authority');
  const front = await tlsFront(bench, site.lis);
  front.show(authority.sign('expired', { days: -2 }));
  site.configure({
    lis: [
      mainDestination(site.lis, {
        mllp: { host: '127.0.0.1', port: front.port, tls: { ca: authority.ca } },
      }),
    ],
    upkeep: { certificates: { cron: '* * * * * *', warnDays: WARN_DAYS } },
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
  front.show(authority.sign('renewed', { days: WARN_DAYS + 10 }));
  const began = performance.now();
  await site.settled();
  const recoveredSeconds = seconds(began);
  const before = daemon.log.length;
  const looks = (): number => daemon.log.slice(before).filter(({ job }) => job === 'certificates').length;
  await until(() => looks() >= 2, { signal: bench.signal, what: 'the certificates are looked at' });
  const told = (): number => alarms(daemon, 'certificate:main', 'raised', before);
  expect(told() === 0, `nobody is warned ${WARN_DAYS + 10} days before the end`);
  front.show(authority.sign('ending', { days: WARN_DAYS - 1 }));
  site.drop(3);
  await until(() => told() === 1, {
    signal: bench.signal,
    what: `an alarm warns ${WARN_DAYS - 1} days before the end`,
  });
  const verdict = await site.settled();
  expect(verdict.places.acknowledged === 6, JSON.stringify(verdict.places));
  return {
    injections: 1,
    ...judgement(verdict),
    recoveredSeconds,
    note: `refused and queued, delivered once it was renewed; warned of its end ${WARN_DAYS - 1} days before, and not ${WARN_DAYS + 10} days before`,
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
    expected: 'refused and queued, delivered once it is renewed, and warned 30 days before its end',
    needs: ['openssl'],
    run: certificate,
  },
];
