/** What has to be undone, last first. */
export interface UndoList {
  /** Undone at once where everything else was undone already. */
  add(undo: () => unknown): void;
  /** Does all of it, also after one failed; returns what failed. Empty afterwards. */
  run(): Promise<readonly unknown[]>;
}

export function createUndoList(): UndoList {
  const list: (() => unknown)[] = [];
  let over = false;
  return {
    add(undo) {
      if (over) undo();
      else list.push(undo);
    },
    async run() {
      const failures: unknown[] = [];
      for (let undo = list.pop(); undo !== undefined; undo = list.pop()) {
        try {
          await undo();
        } catch (error) {
          failures.push(error);
        }
      }
      over = true;
      return failures;
    },
  };
}
