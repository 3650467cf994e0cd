import { existsSync, readFileSync } from 'node:fs';

/** Keys of the alarms that last, such as `held:main`, as the service keeps them for those whom it calls. */
export function readAlarms(path: string): ReadonlySet<string> {
  if (!existsSync(path)) return new Set();
  const { episodes } = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly episodes: readonly { readonly key: string; readonly ended: object | null }[];
  };
  return new Set(episodes.filter(({ ended }) => ended === null).map(({ key }) => key));
}
