import { formatValue, type Remark } from './faults.ts';
import type { Config } from './schema.ts';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[?::1\]?)$/i;

/** What should be known of the sources of orders: clear text, and a source that nobody listens to. */
export function warningsOfSources({ orders, lookup, worklist, context }: Config): Remark[] {
  const warnings: Remark[] = [];
  if (orders !== undefined && orders.mllp.tls === undefined && !LOOPBACK.test(orders.mllp.host)) {
    warnings.push({
      path: 'orders.mllp.host',
      message: 'takes patient data in clear text from the network',
      value: formatValue(orders.mllp.host),
      remedy: 'Use orders.mllp.tls, or keep this connection inside a trusted network or a tunnel.',
    });
  }
  if (orders?.processingIds.some((id) => id !== 'P') === true) {
    warnings.push({
      path: 'orders.processingIds',
      message: 'takes test messages: what they say of an accession counts',
      value: null,
      remedy: 'Leave P alone when the test of the interface is over.',
    });
  }
  if (lookup !== undefined) {
    const { protocol, hostname } = new URL(lookup.url);
    if (protocol === 'http:' && !LOOPBACK.test(hostname)) {
      warnings.push({
        path: 'lookup.url',
        message: 'carries patient data, and the token, in clear text over the network',
        value: formatValue(hostname),
        remedy: 'Use https.',
      });
    }
  }
  const configured = { orders, worklist, lookup };
  for (const source of ['orders', 'worklist', 'lookup'] as const) {
    if (configured[source] === undefined || context.precedence.includes(source)) continue;
    warnings.push({
      path: 'context.precedence',
      message: `leaves out ${source}: what it says is kept and not used`,
      value: null,
      remedy: `Add ${source}, or take its section out.`,
    });
  }
  return warnings;
}
