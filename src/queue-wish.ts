import type { QueueWish } from './language/words.ts';
import type { OutboxItem } from './store/outbox-item.ts';
import type { Store } from './store/store.ts';

/** Who wishes what, for the audit log and the conversation of each message. */
export interface Wish {
  readonly action: QueueWish;
  readonly actor: string;
  readonly reason: string | null;
}

/** Tells the audit log and the conversation of each message. In the transaction of the change. */
export function noteWish(
  store: Pick<Store, 'audit' | 'outbox'>,
  { action, actor, reason }: Wish,
  items: readonly OutboxItem[],
  at: Date,
): void {
  for (const { id, controlId, destination, state } of items) {
    const detail = { id, destination, state, reason };
    store.audit.append({ at, actor, action: `queue.${action}`, subject: controlId, detail });
    const event = reason === null ? action : `${action}: ${reason}`;
    store.outbox.note(id, { at, actor, event, answer: null });
  }
}
