/** A bar for a person at a terminal; elsewhere it writes nothing. */
export interface Progress {
  advance(): void;
  /** Takes the bar away, before something else is written. */
  clear(): void;
}

const WIDTH = 30;

/** Draws on `stream` (stderr, so that stdout stays clean) when that is a terminal and there is more than one step. */
export function createProgress(total: number, stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY || total < 2) return { advance: () => undefined, clear: () => undefined };
  let current = 0;
  let drawn = -1;
  return {
    advance: () => {
      current += 1;
      const filled = Math.floor((current / total) * WIDTH);
      const percent = Math.floor((current / total) * 100);
      if (percent === drawn) return;
      drawn = percent;
      stream.write(
        `\r[${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)}] ${percent} %  ${current}/${total}`,
      );
    },
    clear: () => void stream.write(`\r${' '.repeat(WIDTH + 30)}\r`),
  };
}
