import type { Ledger } from './database.ts';
import type { Told } from './hl7.ts';

/** A message that a LIS shows, or will show. */
export interface Shown {
  readonly destination: string;
  readonly told: Told;
  readonly sha256: string;
}

/**
 * What would be shown twice: other bytes under one MSH-10, the same value under two MSH-10, one specimen under two
 * OBR-3, one content under two results. Corrections are told apart by OBR-25 and by what they say.
 */
export function duplicatesIn(shown: readonly Shown[], { analyses, versions, messages }: Ledger): string[] {
  const about = ({ destination, told }: Shown): string =>
    `${destination}: ${told.accession || told.resultKey}`;
  const contents = new Map(
    analyses.map(({ id, sha256, method }) => [id, `content ${sha256.slice(0, 12)} by ${method}`]),
  );
  const isFirst = ({ told }: Shown): boolean => told.status === 'F' || told.status === 'P';
  return [
    ...twice(
      shown,
      ({ destination, told }) => `${destination}: ${told.controlId}`,
      ({ sha256 }) => sha256,
      'has other bytes each time',
    ),
    ...twice(
      shown,
      (one) => `${about(one)}, status ${one.told.status}${isFirst(one) ? '' : `, ${one.told.values}`}`,
      ({ told }) => told.controlId,
      'is told under several message ids',
    ),
    ...twice(
      shown.filter(({ told }) => told.accession !== ''),
      about,
      ({ told }) => told.resultKey,
      'is told under several result keys',
    ),
    ...twice(
      messages.filter(({ state }) => state !== 'dropped'),
      ({ destination, versionId }) => `${destination}: result version ${versionId}`,
      ({ controlId }) => controlId,
      'has several messages',
    ),
    ...twice(
      versions,
      ({ analysisId }) => contents.get(analysisId) ?? `analysis ${analysisId}`,
      ({ resultKey }) => resultKey,
      'has several results',
    ),
  ];
}

function twice<T>(
  all: readonly T[],
  what: (one: T) => string,
  identity: (one: T) => string,
  fault: string,
): string[] {
  const first = new Map<string, string>();
  const more = new Map<string, Set<string>>();
  for (const one of all) {
    const [key, id] = [what(one), identity(one)];
    const before = first.get(key);
    if (before === undefined) first.set(key, id);
    else if (before !== id) more.set(key, (more.get(key) ?? new Set([before])).add(id));
  }
  return [...more].map(([key, identities]) => `${key} ${fault}: ${[...identities].join(', ')}`);
}
