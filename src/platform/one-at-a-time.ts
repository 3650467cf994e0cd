/** Begins `work` only where the last one is over: what is asked for meanwhile is left to the next time. */
export function oneAtATime(work: () => Promise<void>, onFailure: (error: unknown) => void): () => void {
  let running = false;
  return () => {
    if (running) return;
    running = true;
    work()
      .catch(onFailure)
      .finally(() => {
        running = false;
      });
  };
}
