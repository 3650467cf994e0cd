import { CommandError, EXIT } from '../platform/exit.ts';

/** Who gave a command. The names by which the program speaks of itself are nobody's. */
export function nameOf(by: string): string {
  const name = by.trim();
  if (name !== '' && !/^(auto|raisingd)$/iu.test(name) && !/\p{Cc}/u.test(name)) return name;
  throw new CommandError(`--by must name a person, not "${name}"`, EXIT.usage);
}
