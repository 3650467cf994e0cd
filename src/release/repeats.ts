import type { Config } from '../config/schema.ts';
import type { Reason, ReasonCode } from '../reason.ts';
import { applyRules, type RuleFacts } from './rules.ts';

/** How another trace of a specimen belongs to the one that is judged, by the name of the policy for it. */
export type Relation = 'reanalysed' | 'repeatInjection';

/** When one trace was made, seen from another; unknown where the files do not say, or say the same. */
export type Made = 'before' | 'after' | 'unknown';

/** Another trace of the same specimen that has a value and was not rejected. */
export interface OtherTrace {
  readonly file: string;
  readonly relation: Relation;
  /** Whether it was found before the one that is judged: order of finding says nothing of order of making. */
  readonly cameFirst: boolean;
  readonly made: Made;
}

type Policies = Pick<Config['release'], Relation>;

const CODES = {
  reanalysed: 'REANALYSED',
  repeatInjection: 'REPEAT_INJECTION',
} as const satisfies Record<Relation, ReasonCode>;

/** @returns when the other one was made */
export function madeWhen<Time extends string | number>(other: Time | null, own: Time | null): Made {
  if (other === null || own === null || other === own) return 'unknown';
  return other < own ? 'before' : 'after';
}

/** The trace that counts as newest or first in place of the one that is judged; null where none does. */
export function countsInstead(
  facts: RuleFacts & { readonly others: readonly OtherTrace[] },
  config: Pick<Config, 'release' | 'cutoffs' | 'site'>,
): OtherTrace | null {
  // A failed trace has no value that could count, and a clock that is off cannot say which one is newer.
  const isClockOff = applyRules(facts, config).hold.some(({ code }) => code === 'CLOCK_OFF');
  if (facts.analysis.status === 'fail' || isClockOff) return null;
  const wanted = { hold: null, newest: 'after', first: 'before' } as const;
  return facts.others.find(({ relation, made }) => made === wanted[config.release[relation]]) ?? null;
}

/** A value existed already, and a person chooses: by policy, or because the files do not say which was made first. */
export function repeats(others: readonly OtherTrace[], policies: Policies): readonly Reason[] {
  return (['reanalysed', 'repeatInjection'] as const).flatMap((relation) => {
    const asksAlways = policies[relation] === 'hold';
    const doubt = others.find(
      (one) => one.relation === relation && one.cameFirst && (asksAlways || one.made === 'unknown'),
    );
    if (doubt === undefined) return [];
    const why = asksAlways ? '' : ', and the files do not say which of them is newer';
    return [{ code: CODES[relation], detail: `earlier file ${doubt.file}${why}` }];
  });
}
