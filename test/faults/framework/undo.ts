import { within } from './wait.ts';

/** No step may keep the others waiting for longer than this. */
const STEP_SECONDS = 60;

type Undo = () => unknown;

/** What has to be undone, last first. */
export interface UndoList {
  /**
   * `first`: before all others, for what processes may hang on that are to be killed. Undone at once where everything
   * else was undone already.
   */
  add(undo: Undo, turn?: 'first'): void;
  /** Does all of it, also after one failed or did not end; returns what failed. Empty afterwards. */
  run(): Promise<readonly unknown[]>;
}

export function createUndoList(): UndoList {
  const [first, others]: [Undo[], Undo[]] = [[], []];
  const next = (): Undo | undefined => first.pop() ?? others.pop();
  let over = false;
  return {
    add(undo, turn) {
      if (over) undo();
      else (turn === 'first' ? first : others).push(undo);
    },
    async run() {
      const failures: unknown[] = [];
      for (let undo = next(); undo !== undefined; undo = next()) {
        try {
          await within(STEP_SECONDS, `it is undone by ${String(undo)}`, Promise.resolve(undo()));
        } catch (error) {
          failures.push(error);
        }
      }
      over = true;
      return failures;
    },
  };
}
