import type { Destination } from './schema.ts';

type Named = Pick<Destination, 'name' | 'formerly'>;

/** Every name under which messages of a destination may stand, the present one first. */
export function namesOf({ name, formerly }: Named): readonly string[] {
  return [name, ...formerly];
}

/** The same of the destination that has a name, or once had it; a name that none has stands for itself. */
export function namesIn(lis: readonly Named[]): (name: string) => readonly string[] {
  const all = lis.map(namesOf);
  return (name) => all.find((names) => names.includes(name)) ?? [name];
}
