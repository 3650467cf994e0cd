import axios from 'axios';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';

/** What the webhook gets, as JSON. `text` is understood as it is by Slack, Mattermost and their like. */
export interface AlertMessage {
  readonly service: 'raisingd';
  readonly event: 'raised' | 'cleared';
  /** What the episode is about, such as `lis:main`. */
  readonly key: string;
  readonly text: string;
  readonly at: string;
}

/** Calls for a person, once an episode, through the log and, where one is configured, a webhook. */
export interface Alerts {
  /** Begins an episode; does nothing while it lasts. Never waits, never throws. No patient data in `text`. */
  raise(key: string, text: string): void;
  /** Ends an episode; does nothing where there is none. */
  clear(key: string, text: string): void;
  /** Keys of the episodes that last. */
  open(): readonly string[];
  /** Resolves when no POST is under way any more, each within its time limit. */
  settled(): Promise<void>;
}

/** For a whole POST, name look-up and connection included. */
const LIMIT_MS = 10_000;

export function createAlerts(
  webhook: string | undefined,
  { log, clock, limitMs = LIMIT_MS }: { readonly log: Log; readonly clock: Clock; readonly limitMs?: number },
): Alerts {
  const episodes = new Set<string>();
  // One after another, so that "back" never arrives before "down".
  let posting = Promise.resolve();

  const tell = (event: AlertMessage['event'], key: string, text: string): void => {
    if (event === 'raised') log.error(text, { alert: key, event });
    else log.info(text, { alert: key, event });
    if (webhook === undefined) return;
    const message: AlertMessage = { service: 'raisingd', event, key, text, at: clock.now().toISOString() };
    posting = posting.then(async () => {
      const problem = await post(webhook, message, limitMs);
      if (problem !== null) log.error('An alert did not reach the webhook', { alert: key, event, problem });
    });
  };

  return {
    raise(key, text) {
      if (episodes.has(key)) return;
      episodes.add(key);
      tell('raised', key, text);
    },
    clear(key, text) {
      if (episodes.delete(key)) tell('cleared', key, text);
    },
    open: () => [...episodes],
    settled: () => posting,
  };
}

/** Returns what went wrong, or null. The webhook's URL is a secret: neither it nor axios's error is passed on. */
async function post(url: string, message: AlertMessage, limitMs: number): Promise<string | null> {
  try {
    await axios.post(url, message, {
      // axios's own time limit begins only once there is a connection.
      signal: AbortSignal.timeout(limitMs),
      maxRedirects: 0,
      maxContentLength: 65_536,
      responseType: 'text',
    });
    return null;
  } catch (error) {
    if (!axios.isAxiosError(error)) return error instanceof Error ? error.name : String(error);
    if (error.response !== undefined) return `HTTP ${error.response.status}`;
    return error.code === 'ERR_CANCELED' ? `no answer within ${limitMs} ms` : (error.code ?? error.name);
  }
}
