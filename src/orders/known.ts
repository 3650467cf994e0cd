import type { Context } from '../context/context.ts';
import { plainAccession } from '../context/match.ts';
import { mergeStatements, type MergeRules } from '../context/merge.ts';
import type { Statement } from '../context/statement.ts';
import type { Silence } from '../context/worklist-reading.ts';
import { isSilenced } from '../context/worklist-statement.ts';
import type { Orders } from '../store/orders.ts';

type Said = Pick<Orders, 'about' | 'sil2rOf'>;

/** All that was said of a specimen, and of sIL-2R of the patients that it was said to be of; oldest first. */
export function statementsAbout(orders: Said, accession: string): readonly Statement[] {
  const said = orders.about(accession);
  const patients = new Set(
    said.flatMap(({ said: { patient } }) => (patient?.id == null ? [] : [patient.id])),
  );
  const known = new Set(said.map(({ id }) => id));
  const measured = [...patients].flatMap((id) => orders.sil2rOf(id)).filter(({ id }) => !known.has(id));
  return [...said, ...measured].sort((a, b) => a.id - b.id);
}

/**
 * What all sources together say of an accession; null where none knows an order.
 * @param silence which worklists may not be heard now
 */
export function knownOf(
  orders: Said,
  name: string,
  rules: MergeRules,
  silence: Silence | null = null,
): Context | null {
  const accession = plainAccession(name);
  const heard = statementsAbout(orders, accession).filter((one) => !isSilenced(one, silence));
  return mergeStatements(accession, heard, rules);
}
