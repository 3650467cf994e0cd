import { createHash } from 'node:crypto';
import type { Cutoffs } from './schema.ts';

/** SHA-256 (hex) of a JSON value; the order of its keys does not count, so an equal meaning has an equal hash. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

/** Names one set of cut-offs in messages and records: the first 12 hex digits of its hash. */
export function cutoffsVersion({ cv, sil2r, source }: Cutoffs): string {
  return hashOf({ cv, sil2r, source }).slice(0, 12);
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
