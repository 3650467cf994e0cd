import type { Reason } from '../reason.ts';
import type { Category, Context, ContextField, Provenance } from './context.ts';
import { completedPatient, contradictionOf } from './patient.ts';
import { chooseSil2r } from './sil2r.ts';
import { currentOf, type Source, type Statement } from './statement.ts';

/** How sources are weighed; the `context` section of the config. */
export interface MergeRules {
  /** Who is believed first about order, patient, category and collection; a source that is not named is not used. */
  readonly precedence: readonly Source[];
  /** How far sIL-2R may be from the collection of the specimen, in days. */
  readonly sil2rMaxAgeDays: number;
}

/**
 * What is known of a specimen, put together field by field from all that was ever said of it. Null where no source
 * knows an order for it. Nothing is guessed: what does not fit together is named in `doubts`, and holds the result.
 * @param statements all about the accession, and all sIL-2R of the patients that those name; in any order
 */
export function mergeStatements(
  accession: string,
  statements: readonly Statement[],
  rules: MergeRules,
): Context | null {
  const rank = (one: Statement): number => rules.precedence.indexOf(one.source);
  const heard = currentOf(statements).filter((one) => rank(one) !== -1);
  const orders = heard
    .filter((one) => one.accession === accession && (one.kind === 'order' || one.kind === 'cancelled'))
    .sort((a, b) => rank(a) - rank(b));
  const [first] = orders;
  if (first === undefined) return null;

  const open = orders.filter(({ kind }) => kind === 'order');
  // A cancelled order still says whose specimen it was.
  const telling = open.length > 0 ? open : orders;
  const leaders = orders.filter(({ source }) => source === first.source);
  const leader = leaders.find(({ kind }) => kind === 'order') ?? first;
  // A source that knows the specimen and no number leaves the number to the next.
  const numbered = [leader, ...open].find(({ said }) => said.order !== null) ?? leader;

  const patient = completedPatient(
    telling.flatMap(({ said }) => (said.patient === null ? [] : [said.patient])),
  );
  const categorised = telling.find(({ said }) => said.category !== null || said.unknownCodes.length > 0);
  const timed = telling.find(({ said }) => said.collected !== null);
  const collected = timed?.said.collected ?? null;
  const firstHeard = earliest(statements, accession).at.toISOString();
  const question = { accession, patient, collected, firstHeard, rank, maxDays: rules.sil2rMaxAgeDays };
  const measured = chooseSil2r(heard, question);

  const from: Readonly<Record<ContextField, Statement | undefined>> = {
    order: numbered.said.order === null ? undefined : numbered,
    patient: telling.find(({ said }) => said.patient !== null),
    category: categorised?.said.category == null ? undefined : categorised,
    sil2r: measured.from ?? undefined,
    collected: timed,
  };
  const doubts = [...doubtsAboutOrder(leaders), ...doubtsAboutPatient(telling), ...measured.doubts];
  const unknownCodes = categorised?.said.category == null ? (categorised?.said.unknownCodes ?? []) : [];
  const category: Category = categorised?.said.category ?? 'unknown';
  return {
    accession,
    order: numbered.said.order,
    patient,
    category,
    sil2r: measured.sil2r,
    collected,
    source: leader.origin,
    provenance: provenanceOf(from),
    ...(measured.ignored === null ? {} : { sil2rIgnored: measured.ignored }),
    ...(unknownCodes.length === 0 ? {} : { unknownCodes }),
    ...(doubts.length === 0 ? {} : { doubts }),
  };
}

/** @param leaders what the source that is believed first says of orders for the specimen; at least one */
function doubtsAboutOrder(leaders: readonly Statement[]): readonly Reason[] {
  const open = leaders.filter(({ kind }) => kind === 'order');
  if (open.length === 0) {
    return [{ code: 'ORDER_CANCELLED', detail: leaders.map(({ origin }) => origin).join(', ') }];
  }
  if (open.length === 1) return [];
  const detail = `${open.length} open orders (${open.map(({ origin }) => origin).join(', ')}); cancel all but one, or see orders.tests`;
  return [{ code: 'AMBIGUOUS_ORDER', detail }];
}

/** Every source has to agree with every other on who the patient is. */
function doubtsAboutPatient(telling: readonly Statement[]): readonly Reason[] {
  for (const [index, one] of telling.entries()) {
    for (const other of telling.slice(index + 1)) {
      const what = contradictionOf(one.said.patient, other.said.patient);
      if (what === null) continue;
      const detail = `${what} differs between ${one.origin} and ${other.origin}`;
      return [{ code: 'CONTRADICTING_SOURCES', detail }];
    }
  }
  return [];
}

function provenanceOf(from: Readonly<Record<ContextField, Statement | undefined>>): Provenance {
  return Object.fromEntries(
    Object.entries(from).flatMap(([field, one]) =>
      one === undefined
        ? []
        : [[field, { source: one.source, origin: one.origin, at: one.at.toISOString() }]],
    ),
  );
}

/** What was said first of the specimen itself; at least one statement names it. */
function earliest(statements: readonly Statement[], accession: string): Statement {
  return statements
    .filter((one) => one.accession === accession)
    .reduce((first, one) => (one.id < first.id ? one : first));
}
