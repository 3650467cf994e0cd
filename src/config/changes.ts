import { formatPath } from './faults.ts';
import { schemaAt, toJsonSchema } from './json-schema.ts';
import type { LoadedConfig } from './load.ts';
import { configSchema } from './schema.ts';
import { hashOf } from './version.ts';

/** One key that differs. Values are shortened; a secret is only named as one, and what is not there is null. */
export interface Change {
  /** Such as `cutoffs.cv.high` or `lis[main].mllp.port`. */
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
}

const LONGEST = 120;

/** What a new configuration means otherwise than the one before, in the order of the keys. */
export function configChanges(before: LoadedConfig, after: LoadedConfig): readonly Change[] {
  const schema = toJsonSchema(configSchema);
  const isSecret = (path: readonly PropertyKey[]): boolean =>
    path.some((_, index) => schemaAt(schema, path.slice(0, index + 1))?.writeOnly === true);
  const [old, now] = [before, after].map(({ config }) => leaves(config, isSecret));
  return [
    ...differences(old ?? new Map<string, Leaf>(), now ?? new Map<string, Leaf>()),
    ...part('assay (parameters)', before.method.parameters, after.method.parameters),
    ...part('calibration (content)', before.method.calibration?.hash, after.method.calibration?.hash),
    ...part('comments (content)', hashOf(before.texts), hashOf(after.texts)),
  ];
}

/** `cutoffs.cv.high: 0.5 -> 0.8` */
export function formatChange({ key, before, after }: Change): string {
  return `${key}: ${before ?? 'not set'} -> ${after ?? 'not set'}`;
}

interface Leaf {
  readonly text: string;
  readonly hidden: boolean;
}

function differences(old: ReadonlyMap<string, Leaf>, now: ReadonlyMap<string, Leaf>): Change[] {
  const shown = (leaf: Leaf | undefined): string | null =>
    leaf === undefined ? null : leaf.hidden ? '(secret)' : shorten(leaf.text);
  return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
    const [was, is] = [old.get(key), now.get(key)];
    return was?.text === is?.text ? [] : [{ key, before: shown(was), after: shown(is) }];
  });
}

/** Every value by its key; entries of a list that have a name by that name, so that a new first one moves nobody. */
function leaves(config: object, isSecret: (path: readonly PropertyKey[]) => boolean): Map<string, Leaf> {
  const found = new Map<string, Leaf>();
  const walk = (value: unknown, path: readonly PropertyKey[], name: string): void => {
    if (Array.isArray(value) && value.every(isNamed)) {
      value.forEach((entry) => walk(entry, [...path, 0], `${name}[${entry.name}]`));
    } else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value))
        walk(inner, [...path, key], name === '' ? formatPath([key]) : `${name}.${key}`);
    } else if (value !== undefined) {
      found.set(name, { text: JSON.stringify(value), hidden: isSecret(path) });
    }
  };
  walk(config, [], '');
  return found;
}

function isNamed(entry: unknown): entry is { readonly name: string } {
  return typeof entry === 'object' && entry !== null && 'name' in entry && typeof entry.name === 'string';
}

function part(key: string, before: string | undefined, after: string | undefined): Change[] {
  const short = (hash: string | undefined): string | null => hash?.slice(0, 12) ?? null;
  return before === after ? [] : [{ key, before: short(before), after: short(after) }];
}

function shorten(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
