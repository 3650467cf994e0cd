import { setImmediate, setTimeout as pause } from 'node:timers/promises';
import type { LookupConfig } from '../config/lookup.ts';
import type { OrdersConfig } from '../config/orders.ts';
import type { Config } from '../config/schema.ts';
import type { Context } from '../context/context.ts';
import { plainAccession } from '../context/match.ts';
import { accessionOnly } from '../context/source.ts';
import type { NewStatement } from '../context/statement.ts';
import { newsIn, statementOfRow } from '../context/worklist-statement.ts';
import type { Silence, WorklistRow } from '../context/worklist-reading.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { SqliteFault } from '../store/failure.ts';
import type { Store } from '../store/store.ts';
import type { Alerts } from '../alerts/alerts.ts';
import { ask } from './ask.ts';
import { getJson } from './http.ts';
import { knownOf } from './known.ts';
import { createListener, type Listener } from './listener.ts';
import { createLookup, type Lookup } from './lookup.ts';
import { createReceiver } from './receive.ts';

export interface OrderDeskDeps<T> {
  readonly store: Pick<Store, 'transaction' | 'orders' | 'inbox' | 'results' | 'audit'>;
  readonly config: Config;
  readonly clock: Clock;
  /** Looks again at the results of an accession. */
  readonly reconsider: (accession: string) => readonly T[];
  /** Does `work` until the store takes it. */
  readonly persist: (work: () => readonly T[]) => Promise<void>;
  /** After this nothing is begun any more; what is stirred stays so. */
  readonly stopping: AbortSignal;
  /** What kind of failure of the store an error is; null where it is none. */
  readonly faultOf: (error: unknown) => SqliteFault | null;
  readonly log: Log;
  readonly alerts: Alerts;
  readonly onFatal: (error: unknown) => void;
}

/** What is known of specimens from outside, whoever said it. All of it is in the store: a restart loses nothing. */
export interface OrderDesk {
  /** Null where a source of orders is configured and none knows the accession. */
  find(accession: string): Context | null;
  /**
   * Keeps what worklists say now.
   * @param rows those that are new or differ
   */
  takeWorklist(rows: readonly WorklistRow[], silence: Silence | null): Promise<void>;
  /** Listens and asks, where that is configured, and does what a crash has left undone. */
  start(): void;
  stop(): Promise<void>;
}

const AT_ONCE = 200;
/** How many results that lack something are asked about again after a restart. */
const WAITING_ASKED = 10_000;
/** Between two tries to listen, milliseconds: the port may be another's for a while. */
const LISTEN_AGAIN_MS = 5000;

export function createOrderDesk<T>(deps: OrderDeskDeps<T>): OrderDesk {
  const { store, config, clock, reconsider, persist, stopping, log, alerts, faultOf, onFatal } = deps;
  const hasSource = (config.worklist ?? config.orders ?? config.lookup) !== undefined;
  let keeping = Promise.resolve();
  let settling = Promise.resolve();
  let asking: Promise<void> | null = null;
  let silence: Silence | null = null;
  let hasHeard = false;

  const known = (accession: string): Context | null =>
    hasSource
      ? knownOf(store.orders, accession, config.context, silence)
      : accessionOnly(plainAccession(accession));

  /** Keeps what is new of it. A file that was moved away must not let an older one speak again. */
  const keepAll = async (statements: readonly NewStatement[]): Promise<void> => {
    const now = clock.now();
    await persist(() => {
      store.transaction(() => {
        for (const one of statements) {
          const news = newsIn(one, store.orders.last(one), now);
          if (news !== null) store.orders.say(news, now);
        }
      });
      return [];
    });
    await settle();
  };

  const isStopping = (): boolean => stopping.aborted;

  const settleAll = async (): Promise<void> => {
    while (!isStopping()) {
      const stirred = store.orders.stirred(AT_ONCE);
      if (stirred.length === 0) return;
      // Most orders come before their trace: they are settled together.
      const early = stirred.filter((accession) => store.results.byAccession(accession).length === 0);
      await persist(() => {
        store.transaction(() => early.forEach((accession) => store.orders.settle(accession)));
        return [];
      });
      for (const accession of stirred.filter((one) => !early.includes(one))) {
        if (isStopping()) return;
        await persist(() => {
          const recorded = reconsider(accession);
          store.orders.settle(accession);
          return recorded;
        });
      }
      // Lets deliveries go on in between.
      await setImmediate();
    }
  };

  /** Looks again at every result of which something new was said; one look after another. */
  const settle = (): Promise<void> => (settling = settling.then(settleAll));

  /** Results that have waited for worklists that could not be heard. */
  const hearAgain = async (): Promise<void> => {
    for (const accession of store.orders.waiting(WAITING_ASKED)) {
      if (isStopping()) return;
      await persist(() => reconsider(accession));
      await setImmediate();
    }
  };

  const listener = config.orders === undefined ? null : employListener(config.orders);

  function employListener(orders: OrdersConfig): Listener {
    const { tests, processingIds, fields, mllp } = orders;
    const { categories, sil2rCodes } = config.context;
    const rules = { tests, processingIds, fields, categories, sil2rCodes, timeZone: config.site.timeZone };
    const receive = createReceiver({
      ...{ store, rules, charset: mllp.charset, clock, log, faultOf },
      onStored: () => void settle().catch(onFatal),
      onStoreFault: (fault) => {
        if (fault === null) alerts.clear('orders:store', 'Orders can be stored again');
        else
          alerts.raise(
            'orders:store',
            `Orders cannot be stored (${fault}); their senders are told to repeat them`,
          );
      },
    });
    return createListener({ settings: mllp, receive, log, onFatal });
  }

  const lookup = config.lookup === undefined ? null : employLookup(config.lookup);

  function employLookup(settings: LookupConfig): Lookup {
    const { timeoutSeconds, tokenFile, cacheMinutes, days } = settings;
    const { categories, sil2rCodes } = config.context;
    const get = (url: string): ReturnType<typeof getJson> =>
      getJson(url, { timeoutMs: 1000 * timeoutSeconds, tokenFile, signal: stopping });
    const about = { settings, categories, sil2rCodes, timeZone: config.site.timeZone, get };
    return createLookup({
      ask: (accession) => ask(accession, about),
      keep: (statements) => keepAll(statements),
      find: known,
      cacheMs: 60_000 * cacheMinutes,
      patienceMs: 86_400_000 * days,
      ...{ stopping, log, alerts },
    });
  }

  const listen = async (one: Listener): Promise<void> => {
    const place = `${config.orders?.mllp.host ?? ''} port ${config.orders?.mllp.port ?? ''}`;
    while (!isStopping()) {
      try {
        const { port } = await one.listen();
        if (isStopping()) return;
        alerts.clear('orders:listen', 'Orders are listened for again');
        log.info('Orders are listened for', { host: config.orders?.mllp.host, port });
        return;
      } catch (error) {
        const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
        alerts.raise(
          'orders:listen',
          `orders.mllp: ${place} cannot be listened on (${why}); results go on without new orders`,
        );
        await pause(LISTEN_AGAIN_MS, undefined, { signal: stopping }).catch(() => undefined);
      }
    }
  };

  return {
    find(accession) {
      const context = known(accession);
      lookup?.consider(plainAccession(accession), context);
      return context;
    },
    // One reading after another: on a full disk each is tried until there is room.
    takeWorklist(rows, next) {
      // What was kept back before a restart is heard again as well.
      const isLifted = !hasHeard || (silence !== null && JSON.stringify(next) !== JSON.stringify(silence));
      hasHeard = true;
      // At once: nothing may go out on what must not be heard.
      silence = next;
      // One reading after another: on a full disk each is tried until there is room.
      keeping = keeping.then(() => keepAll(rows.map(statementOfRow)));
      if (isLifted) keeping = keeping.then(hearAgain);
      return keeping;
    },
    start() {
      settle().catch(onFatal);
      if (listener !== null) listen(listener).catch(onFatal);
      if (lookup === null) return;
      for (const accession of store.orders.waiting(WAITING_ASKED))
        lookup.consider(accession, known(accession));
      asking = lookup.run();
      asking.catch(onFatal);
    },
    async stop() {
      await listener?.close();
      await Promise.allSettled([settling, asking]);
    },
  };
}
