import type { Alerts } from './alerts/alerts.ts';
import { kindOf, subjectOf } from './alerts/kinds.ts';
import { namesOf } from './config/names.ts';
import type { Config } from './config/schema.ts';
import { noteWish } from './queue-wish.ts';
import { readState } from './state-file.ts';
import type { Store } from './store/store.ts';

type Lis = Config['lis'];

/**
 * Gives each destination what waits under a name that it had before, so that nothing of a result overtakes it. Call it
 * in a transaction, while nobody sends to those names and before anything is judged. Returns how many there were.
 */
export function takeOver(store: Store, lis: Lis, now: Date): number {
  let count = 0;
  for (const destination of lis) {
    for (const old of destination.formerly) {
      const { done } = store.outbox.move(old, destination.name, namesOf(destination));
      const reason = `${old} to ${destination.name}: its name has changed`;
      noteWish(store, { action: 'moved', actor: 'raisingd', reason }, done, now);
      count += done.length;
    }
  }
  return count;
}

/**
 * Calls for a person where a name is gone that results were delivered to: nothing that follows on them goes there any
 * more. Told when it goes and not for ever, for that LIS may be gone as well.
 */
export function tellForgotten(alerts: Alerts, store: Store, { dataDir, lis }: Config): void {
  // As the service was last seen: `state.json` is written only after a start.
  const before = readState(dataDir)?.destinations.map(({ name }) => name) ?? [];
  const known = new Set(lis.flatMap(namesOf));
  for (const key of alerts.open())
    if (kindOf(key) === 'forgotten' && known.has(subjectOf(key)))
      alerts.clear(key, `What ${subjectOf(key)} was sent is known again`);
  for (const name of before) {
    if (known.has(name) || !store.outbox.hasDelivered(name)) continue;
    alerts.raise(
      `forgotten:${name}`,
      `${name} is not configured any more: what it was sent is not corrected or withdrawn there. ${remedy(name)}`,
    );
  }
}

/** The same where it has come to that: one of its results has changed. */
export function tellUntold(alerts: Alerts, names: readonly string[]): void {
  for (const name of names)
    alerts.raise(
      `forgotten:${name}`,
      `A result that ${name} has was corrected or withdrawn, and ${name}, not configured any more, was not told. ${remedy(name)}`,
    );
}

function remedy(name: string): string {
  return `Write formerly: [${name}] at the destination that it has become; where that LIS is gone, leave it`;
}
