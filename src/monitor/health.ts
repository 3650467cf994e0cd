import type { DaemonFacts } from './facts.ts';

export interface Check {
  readonly ok: boolean;
  /** What is wrong, or worth knowing though it is not; empty where there is nothing to say. */
  readonly detail: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<'database' | 'intake' | 'couriers', Check>>;
}

/** An intake process that says nothing for so long is not running, whatever the system thinks. */
const SILENT_MS = 20_000;

/**
 * Whether results can flow: the database answers, the intake runs, every courier is at work. A share that is away or
 * a LIS that is down is no reason not to be ready: nobody but a person mends that, and the service waits for it.
 * @param database what the database answered with; null where it answers
 */
export function readiness({ intake, couriers }: DaemonFacts, database: string | null): Readiness {
  const checks = {
    database: { ok: database === null, detail: database ?? '' },
    intake: intakeCheck(intake),
    couriers: couriersCheck(couriers),
  };
  return { ready: Object.values(checks).every(({ ok }) => ok), checks };
}

function intakeCheck({ pid, silentMs, folders }: DaemonFacts['intake']): Check {
  if (pid === null) return { ok: false, detail: 'there is no intake process; one is started soon' };
  if (silentMs > SILENT_MS)
    return { ok: false, detail: `the intake process was not heard for ${Math.round(silentMs / 1000)} s` };
  const away = folders.filter(({ state }) => state === 'unavailable' || state === 'hanging');
  return { ok: true, detail: away.map(({ folder, state }) => `${folder} is ${state}`).join('; ') };
}

function couriersCheck(couriers: DaemonFacts['couriers']): Check {
  const stuck = couriers.filter(({ alive }) => !alive).map(({ name }) => name);
  if (stuck.length > 0) return { ok: false, detail: `no progress: ${stuck.join(', ')}` };
  const down = couriers.filter(({ up }) => !up).map(({ name }) => `${name} is down`);
  return { ok: true, detail: down.join('; ') };
}
