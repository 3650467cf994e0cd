import type { Finding } from './finding.ts';

/** Most findings in one batch: what the other side may commit in one go. */
const BATCH = 64;
/** Batches sent and not yet committed. More would only be kept in memory on the other side. */
const UNCOMMITTED = 4;

/** Hands findings over in batches, at once while nothing is on its way, and no faster than they are committed. */
export interface Batches {
  /** Resolves when there is room for more. */
  push(finding: Finding): Promise<void>;
  /** The oldest batch on its way was committed. */
  committed(): void;
}

export function createBatches(send: (findings: readonly Finding[]) => void): Batches {
  const waiting: Finding[] = [];
  let roomMakers: (() => void)[] = [];
  let uncommitted = 0;

  function flush(): void {
    while (waiting.length > 0 && uncommitted < UNCOMMITTED) {
      uncommitted += 1;
      send(waiting.splice(0, BATCH));
    }
    if (waiting.length >= BATCH) return;
    const makers = roomMakers;
    roomMakers = [];
    for (const makeRoom of makers) makeRoom();
  }

  return {
    async push(finding) {
      waiting.push(finding);
      if (uncommitted === 0 || waiting.length >= BATCH) flush();
      if (waiting.length < BATCH) return;
      await new Promise<void>((resolve) => {
        roomMakers.push(resolve);
      });
    },
    committed() {
      uncommitted -= 1;
      flush();
    },
  };
}
