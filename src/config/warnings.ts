import { canWrite } from '../hl7/charset.ts';
import { unwritableSettings } from '../hl7/charset/settings.ts';
import { messageOptions } from '../hl7/profiles.ts';
import { warningsOfAlerts, warningsOfBatches } from './alert-warnings.ts';
import { formatValue, type Remark } from './faults.ts';
import type { Config, Destination } from './schema.ts';
import { warningsOfSources } from './source-warnings.ts';
import { transportOf, type Transport } from './transport.ts';

const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/i;
const REFUSALS = ['AE', 'CE', 'AR', 'CR'] as const;

/** What is allowed, but should be known to whoever starts the service. */
export function warningsOf(config: Config): Remark[] {
  const warnings: Remark[] = [];
  if (config.watch.folders.length === 0) {
    warnings.push({
      path: 'watch.folders',
      message: 'is empty, nothing is watched',
      value: null,
      remedy: 'Name the folders that the sequencers write into.',
    });
  }
  if (config.lis.length === 0) {
    warnings.push({
      path: 'lis',
      message: 'is empty, results are scored and kept but sent nowhere',
      value: null,
      remedy: 'Name a destination.',
    });
  }
  if (config.release.mode === 'shadow') {
    warnings.push({
      path: 'release.mode',
      message: 'sends nothing: what would be sent is only recorded',
      value: formatValue(config.release.mode),
      remedy: 'Use automatic once the laboratory has validated it.',
    });
  }
  return [
    ...warnings,
    ...warningsOfSources(config),
    ...warningsOfAlerts(config),
    ...warningsOfBatches(config),
    ...config.lis.flatMap((destination, index) => [
      ...warningsOfDestination(destination, index),
      ...warningsOfCharset(destination, index, config.site),
    ]),
  ];
}

/** What the character set of a destination cannot write, known before the first result is held for it. */
function warningsOfCharset(destination: Destination, index: number, site: Config['site']): Remark[] {
  const warnings = unwritableSettings(destination, site).map(({ path, value, charset }) => ({
    path: `lis[${index}].${path}`,
    message: `cannot be written in ${charset}: a result with it is held`,
    value: formatValue(value),
    remedy: 'Write it in other characters, or choose another charset.',
  }));
  const { charset } = messageOptions(destination);
  if (site.language === 'ja' && !canWrite('の', charset)) {
    warnings.push({
      path: 'site.language',
      message: `${charset} of lis[${index}] cannot write these comments: each character would be replaced`,
      value: formatValue(site.language),
      remedy: 'Choose en, or another charset.',
    });
  }
  return warnings;
}

function warningsOfDestination(destination: Destination, index: number): Remark[] {
  const { verdicts, only } = destination;
  const warnings: Remark[] = [];
  const transport = transportOf(destination);
  const host = clearTextHost(transport);
  if (host !== null) {
    warnings.push({
      path: `lis[${index}].${transport.kind}`,
      message: 'carries patient data in clear text over the network',
      value: formatValue(host),
      remedy: 'Use TLS, or keep this connection inside a trusted network or a tunnel.',
    });
  }
  if (only.statuses !== undefined && !only.statuses.includes('F')) {
    warnings.push({
      path: `lis[${index}].only.statuses`,
      message: 'leaves out F: a final result does not come here first',
      value: null,
      remedy: 'Add F, unless another destination has the final results.',
    });
  }
  for (const code of REFUSALS) {
    if (verdicts[code] !== 'done') continue;
    warnings.push({
      path: `lis[${index}].verdicts.${code}`,
      message: 'counts a message that the LIS refused as delivered',
      value: formatValue(verdicts[code]),
      remedy: 'Use hold or retry unless the maker of the LIS says otherwise.',
    });
  }
  return warnings;
}

/** The host to which a transport sends without encryption over a network; null where it does not. */
function clearTextHost(transport: Transport): string | null {
  switch (transport.kind) {
    case 'mllp':
      return transport.tls !== undefined || LOOPBACK.test(transport.host) ? null : transport.host;
    case 'http': {
      const { protocol, hostname } = new URL(transport.url);
      return protocol === 'https:' || LOOPBACK.test(hostname.replace(/^\[|\]$/g, '')) ? null : hostname;
    }
    case 'file':
      return null;
  }
}
