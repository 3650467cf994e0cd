/** Lets a loop sleep until a time is over or somebody rings; a ring while it is awake ends its next sleep. */
export interface Bell {
  ring(): void;
  sleep(ms: number): Promise<void>;
}

export function createBell(): Bell {
  let rung = false;
  let awaken: (() => void) | null = null;
  return {
    ring() {
      rung = true;
      awaken?.();
    },
    async sleep(ms) {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.ceil(ms));
          awaken = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      awaken = null;
      rung = false;
    },
  };
}
