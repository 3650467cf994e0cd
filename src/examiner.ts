import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Method } from './analysis.ts';
import { scoreFile } from './score-file.ts';
import { createExamine, type Errand, type Examine, type Examined } from './watch/examine.ts';
import { errorCode, readWholeFile } from './watch/read-file.ts';

/** What every trace is scored by. */
export interface Setting {
  readonly method: Method;
  readonly pictures: boolean;
}

/** To the second thread. */
export interface Question {
  readonly id: number;
  readonly errand: Errand;
}

/** From the second thread; `id` null: it is up. */
export type Answer = { readonly id: null } | { readonly id: number; readonly examined: Examined };

export interface Examiner {
  /** For the files of one watched folder. */
  of(folder: string): Examine;
  close(): void;
}

/** So many files looked at within so long a time are a crowd that is worth a second thread. */
const CROWD = 48;
const CROWD_MS = 1000;
/** How long the thread is kept without work: at rest there is none, and none of its memory. */
const IDLE_MS = 5000;
/** Files given to the thread and not answered: one at hand, one to go on with. */
const AT_ONCE = 2;
/** As of the process itself (src/watch/intake-launch.ts). */
const NURSERY_MIB = 6;

interface Thread {
  readonly worker: Worker;
  readonly open: Map<number, Asked>;
  /** Of which folder they are, all of them. */
  folder: string;
  up: boolean;
  idleSince: number;
}

interface Asked {
  /** Runs the errand on this thread instead. */
  readonly here: () => Promise<Examined>;
  readonly resolve: (examined: Examined | Promise<Examined>) => void;
}

/**
 * Reads, hashes and scores on this thread, and in a crowd on a second one as well, which has its files read by
 * itself: bytes never travel, and it may wait for each of them where this one must stay free. A thread that dies is a
 * loss of time and of nothing else: what it had is done here. If the share of its folder hangs, so does the thread,
 * and all others are served here: it never has files of two folders.
 */
export function createExaminer({ method, pictures }: Setting): Examiner {
  const alone = availableParallelism() === 1;
  const recent: number[] = [];
  let thread: Thread | null = null;
  let asked = 0;
  let watching: NodeJS.Timeout | undefined;

  const here = createExamine(readWholeFile, (bytes, sha256) => scoreFile(bytes, sha256, method, pictures));

  const isCrowd = (): boolean => {
    const now = performance.now();
    recent.push(now);
    const earliest = recent.length > CROWD ? recent.shift() : undefined;
    return earliest !== undefined && now - earliest < CROWD_MS;
  };

  const hire = (): Worker | null => {
    try {
      return new Worker(new URL('./examiner-thread.ts', import.meta.url), {
        workerData: { method, pictures } satisfies Setting,
        resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MIB },
      });
    } catch (error) {
      // A limit on threads (EAGAIN): all is done here, only slower. What is no system error is thrown on.
      errorCode(error);
      return null;
    }
  };

  const start = (): Thread | null => {
    const worker = hire();
    if (worker === null) return null;
    const started: Thread = { worker, open: new Map(), folder: '', up: false, idleSince: performance.now() };
    worker.on('message', (answer: Answer) => take(started, answer));
    // Either way it ends, and what it had is done here.
    worker.on('error', () => undefined);
    worker.on('exit', () => over(started));
    watching = setInterval(() => {
      if (started.open.size === 0 && performance.now() - started.idleSince > IDLE_MS) void worker.terminate();
    }, IDLE_MS / 2);
    return started;
  };

  const take = (from: Thread, answer: Answer): void => {
    if (answer.id === null) {
      from.up = true;
      return;
    }
    const question = from.open.get(answer.id);
    from.open.delete(answer.id);
    from.idleSince = performance.now();
    question?.resolve(answer.examined);
  };

  const over = (ended: Thread): void => {
    clearInterval(watching);
    thread = null;
    for (const question of ended.open.values()) question.resolve(question.here());
  };

  const isFreeFor = ({ up, open, folder }: Thread, wanted: string): boolean =>
    up && (open.size === 0 || (open.size < AT_ONCE && folder === wanted));

  const there = ({ open, worker }: Thread, errand: Errand, instead: Asked['here']): Promise<Examined> => {
    asked += 1;
    const id = asked;
    worker.postMessage({ id, errand } satisfies Question);
    return new Promise((resolve) => {
      open.set(id, { here: instead, resolve });
    });
  };

  return {
    of: (folder) => async (errand, during) => {
      if (alone) return await here(errand, during);
      if (isCrowd()) thread ??= start();
      if (thread === null || !isFreeFor(thread, folder)) return await here(errand, during);
      thread.folder = folder;
      return await during(there(thread, errand, () => here(errand, during)));
    },
    close() {
      clearInterval(watching);
      void thread?.worker.terminate();
    },
  };
}
