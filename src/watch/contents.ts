/** SHA-256 of the contents that were analysed last. */
export interface Contents {
  has(sha256: string): boolean;
  add(sha256: string): void;
}

/**
 * About 20 MB. A content that was forgotten and turns up under another name is scored once more, and the service, which
 * forgets nothing, records no second result of it.
 */
const MOST = 150_000;

/** Remembers a limited number: a process that runs for years must not grow with all that it ever read. */
export function createContents(most = MOST): Contents {
  const known = new Set<string>();
  return {
    has: (sha256) => known.has(sha256),
    add(sha256) {
      known.add(sha256);
      const [oldest] = known;
      if (known.size > most && oldest !== undefined) known.delete(oldest);
    },
  };
}
