import { judgement, type Bench, type FaultCase, type Measured } from '../framework/case.ts';
import type { Daemon } from '../framework/daemon.ts';
import type { Exchange } from '../framework/receiver.ts';
import type { Site } from '../framework/site.ts';
import { createTally } from '../framework/tally.ts';
import { inLanes, recover } from './kill-chain.ts';

/** What the LIS does with the message at which the daemon is killed; each ends by `kill`. */
const MOMENTS: Readonly<Record<string, (exchange: Exchange, kill: () => void) => void>> = {
  'the message came, nothing is committed': (_exchange, kill) => {
    kill();
  },
  'the LIS has committed, no ACK was sent': (exchange, kill) => {
    exchange.commit();
    kill();
  },
  'half of the ACK was sent': (exchange, kill) => {
    exchange.commit();
    const bytes = exchange.acknowledgement();
    exchange.send(bytes.subarray(0, bytes.length / 2));
    kill();
  },
  'the ACK was sent and perhaps read': (exchange, kill) => {
    exchange.commit();
    exchange.answer();
    setImmediate(kill);
  },
  'the ACK was sent after the kill': (exchange, kill) => {
    exchange.commit();
    kill();
    exchange.answer();
  },
};

const ROUNDS = 16;
const TRACES = 3;

/** Each moment of the exchange again and again, at the first, second or third message of a start. */
async function run(bench: Bench): Promise<Measured> {
  const tally = createTally();
  const moments = Object.entries(MOMENTS);
  const rounds = Array.from({ length: ROUNDS * moments.length }, (_, round) => round);
  await inLanes(rounds, async (mine) => {
    const site = await bench.site();
    for (const round of mine) {
      const [name, moment] = moments[round % moments.length] ?? [];
      if (name === undefined || moment === undefined) continue;
      const daemon = site.start();
      await killedAt(site, daemon, moment, Math.floor(round / moments.length) % TRACES);
      tally.hit(name);
      const { lost, duplicated } = judgement({ ...site.check(), pending: [] });
      if (lost + duplicated > 0) throw new Error('lost or duplicated while the daemon was dead');
      if (round % 5 === 4) await recover(site, tally);
    }
    await recover(site, tally);
  });
  return tally.measured(`${moments.length} moments of an exchange; `);
}

/** Kills the daemon at the given message of its life; resolves when it is gone. */
async function killedAt(
  site: Site,
  daemon: Daemon,
  moment: (exchange: Exchange, kill: () => void) => void,
  message: number,
): Promise<void> {
  let seen = 0;
  site.lis.behave((exchange) => {
    if (seen++ === message) {
      moment(exchange, () => void daemon.kill());
      return;
    }
    exchange.commit();
    exchange.answer();
  });
  site.drop(TRACES);
  const { signal } = await daemon.gone();
  if (signal !== 'SIGKILL') throw new Error(`it ended by itself: ${daemon.stderr()}`);
  site.lis.behave((exchange) => {
    exchange.commit();
    exchange.answer();
  });
}

export const killLisCases: readonly FaultCase[] = [
  {
    name: 'kill -9: between commit and ACK',
    expected: 'the LIS gets the same bytes again and shows one result',
    limitSeconds: 600,
    run,
  },
];
