import type { Contradiction } from './contradiction.ts';
import { valueAt } from './faults.ts';

/** What the alert channels of a document say that cannot both be meant. */
export function channelContradictions(document: unknown): Contradiction[] {
  const channels = valueAt(document, ['alerts', 'channels']);
  if (!Array.isArray(channels)) return [];
  return channels.flatMap((channel: unknown, index) => {
    const path = ['alerts', 'channels', index];
    const has = (...keys: readonly string[]): boolean => valueAt(channel, keys) !== undefined;
    const found: Contradiction[] = [];
    const oneOf = (first: readonly string[], second: readonly string[], remedy: string): void => {
      if (has(...first) !== has(...second)) return;
      const message = has(...first) ? `cannot be used together with ${String(second.at(-1))}` : 'is missing';
      found.push({ path: [...path, ...first], message, remedy });
    };
    oneOf(['webhook'], ['email'], 'A channel has one of webhook and email.');
    if (typeof valueAt(channel, ['webhook']) === 'object')
      oneOf(['webhook', 'url'], ['webhook', 'urlFile'], 'Give one of url and urlFile.');
    if (has('email', 'user') !== has('email', 'passwordFile')) {
      const [given, missing] = has('email', 'user') ? ['user', 'passwordFile'] : ['passwordFile', 'user'];
      const remedy = 'Give both, or neither.';
      found.push({ path: [...path, 'email', given], message: `needs ${missing}`, remedy });
    }
    return found;
  });
}
