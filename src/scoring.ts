import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Method } from './analysis.ts';
import { scoreFile } from './score-file.ts';
import type { Scored } from './watch/finding.ts';

/** What every trace is scored by. */
export interface Setting {
  readonly method: Method;
  readonly pictures: boolean;
}

/** To the second thread. */
export interface Question {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** From the second thread; `id` null: it is up. */
export type Answer =
  | { readonly id: null }
  | { readonly id: number; readonly scored: Scored }
  | { readonly id: number; readonly fault: string };

export interface Scorer {
  /** @throws or rejects where the program itself fails on the file */
  score(bytes: Uint8Array, sha256: string): Scored | Promise<Scored>;
  close(): void;
}

/** So many traces within so long a time are a crowd that is worth a second thread. */
const CROWD = 48;
const CROWD_MS = 1000;
/** How long the thread is kept without work: at rest there is none, and none of its memory. */
const IDLE_MS = 5000;
/** Traces given to the thread and not answered: one at hand, one to go on with. */
const AT_ONCE = 2;
/** As of the process itself (src/watch/intake-launch.ts). */
const NURSERY_MIB = 6;

interface Thread {
  readonly worker: Worker;
  readonly open: Map<number, Asked>;
  up: boolean;
  idleSince: number;
}

interface Asked extends Question {
  readonly resolve: (scored: Scored) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Scores on this thread, and in a crowd on a second one as well, so that reading, hashing and telling go on meanwhile
 * on one core and the service has the rest of the other. A thread that dies is a loss of time and of nothing else:
 * what it had is scored here.
 */
export function createScorer({ method, pictures }: Setting): Scorer {
  const alone = availableParallelism() === 1;
  const recent: number[] = [];
  let thread: Thread | null = null;
  let asked = 0;
  let watching: NodeJS.Timeout | undefined;

  const here = (bytes: Uint8Array, sha256: string): Scored => scoreFile(bytes, sha256, method, pictures);

  const isCrowd = (): boolean => {
    const now = performance.now();
    recent.push(now);
    const earliest = recent.length > CROWD ? recent.shift() : undefined;
    return earliest !== undefined && now - earliest < CROWD_MS;
  };

  const start = (): Thread => {
    const worker = new Worker(new URL('./scoring-thread.ts', import.meta.url), {
      workerData: { method, pictures } satisfies Setting,
      resourceLimits: { maxYoungGenerationSizeMb: NURSERY_MIB },
    });
    const started: Thread = { worker, open: new Map(), up: false, idleSince: performance.now() };
    worker.on('message', (answer: Answer) => take(started, answer));
    // Either way it ends, and what it had is scored here.
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
    if ('scored' in answer) question?.resolve(answer.scored);
    else question?.reject(new Error(answer.fault));
  };

  const over = (ended: Thread): void => {
    clearInterval(watching);
    thread = null;
    for (const { bytes, sha256, resolve, reject } of ended.open.values()) {
      try {
        resolve(here(bytes, sha256));
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    }
  };

  return {
    score(bytes, sha256) {
      if (alone) return here(bytes, sha256);
      if (isCrowd()) thread ??= start();
      if (thread?.up !== true || thread.open.size >= AT_ONCE) return here(bytes, sha256);
      const { open, worker } = thread;
      asked += 1;
      const id = asked;
      // Copied, not handed over: should the thread die, they are needed here.
      worker.postMessage({ id, bytes, sha256 } satisfies Question);
      return new Promise((resolve, reject) => {
        open.set(id, { id, bytes, sha256, resolve, reject });
      });
    },
    close() {
      clearInterval(watching);
      void thread?.worker.terminate();
    },
  };
}
