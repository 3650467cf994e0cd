import type { Config } from '../config/schema.ts';
import { cutoffsVersion } from '../config/version.ts';
import type { Store } from '../store/store.ts';

/** What became of the cut-offs that the configuration names. */
export type Adoption =
  | { readonly kind: 'in-force'; readonly version: number; readonly hash: string }
  | {
      readonly kind: 'adopted';
      readonly version: number;
      readonly hash: string;
      readonly before: string | null;
    }
  /** They wait for `raisingd cutoffs apply`. */
  | { readonly kind: 'proposed'; readonly hash: string; readonly inForce: string };

/** Puts an edit of the cut-offs in force, or, where approval is required, leaves it proposed. Audited. */
export function adoptCutoffs(store: Store, config: Pick<Config, 'cutoffs'>, now: Date): Adoption {
  const hash = cutoffsVersion(config.cutoffs);
  return store.transaction(() => {
    const active = store.cutoffs.active();
    if (active?.hash === hash) return { kind: 'in-force', version: active.version, hash };
    const audit = (action: string, before: string | null, version: number | null): void => {
      const { cv, sil2r, source } = config.cutoffs;
      const detail = { version, before, after: hash, cv, sil2r, source };
      store.audit.append({ at: now, actor: 'raisingd', action, subject: 'cutoffs', detail });
    };
    if (active !== null && config.cutoffs.approval === 'required') {
      audit('cutoffs.proposed', active.hash, null);
      return { kind: 'proposed', hash, inForce: active.hash };
    }
    const why = active === null ? 'first start' : 'the configuration was edited';
    const { version } = store.cutoffs.adopt(config.cutoffs, now, 'raisingd', why);
    audit('cutoffs.adopted', active?.hash ?? null, version);
    return { kind: 'adopted', version, hash, before: active?.hash ?? null };
  });
}
