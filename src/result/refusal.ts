import type { ReasonCode } from '../reason.ts';
import type { Disposition } from '../store/results.ts';

/** What stands against a decision of a person; src/language says it in words, and what to do. */
export type Refusal =
  | { readonly kind: 'no-result'; readonly key: string }
  /** No trace of the result has a SHA-256 that begins so. */
  | { readonly kind: 'no-trace'; readonly key: string; readonly sha256: string }
  | {
      readonly kind: 'not-held';
      readonly key: string;
      readonly disposition: Disposition;
      readonly wish: 'release' | 'reject';
    }
  | { readonly kind: 'no-value'; readonly key: string }
  /** Nobody can tell whose result it is. */
  | { readonly kind: 'whose'; readonly key: string; readonly codes: readonly ReasonCode[] }
  /** There are reasons by now that the person was not shown. */
  | { readonly kind: 'look-again'; readonly key: string; readonly codes: readonly ReasonCode[] }
  | { readonly kind: 'nothing-sent'; readonly key: string }
  /** The message cannot be written. */
  | { readonly kind: 'unwritable'; readonly detail: string };
