import type { Line } from '../deliver/support/record-log.ts';
import { until } from '../until.ts';

/** The port on which a service listens for orders since its n-th start, from its log. */
export async function portOf(
  site: { readonly log: { readonly lines: readonly Line[] } },
  start = 1,
): Promise<number> {
  return until(() => {
    const told = site.log.lines.filter(({ message }) => message === 'Orders are listened for');
    const line = told[start - 1];
    if (line === undefined) throw new Error('not yet');
    return Number(line.fields['port']);
  });
}
