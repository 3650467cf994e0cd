import type { LookupConfig } from '../config/lookup.ts';
import type { CategoryCodes } from '../context/codes.ts';
import { NOTHING_SAID, type NewStatement } from '../context/statement.ts';
import { orderQuery, readOrderBundle, readSil2rBundle, sil2rQuery } from './fhir.ts';
import type { Fetched } from './http.ts';
import { readDocument, type Found } from './json-document.ts';

/** The answer of a server about one accession. */
export type Answer =
  /** What it says now, in place of what it said before; none where it knows nothing. */
  | {
      readonly kind: 'answered';
      readonly statements: readonly NewStatement[];
      readonly problem: string | null;
    }
  | { readonly kind: 'failed'; readonly problem: string };

export interface AskDeps {
  readonly settings: LookupConfig;
  readonly categories: CategoryCodes;
  readonly sil2rCodes: readonly string[];
  readonly timeZone: string;
  readonly get: (url: string) => Promise<Fetched>;
}

/** Asks the configured server what it knows of an accession. */
export async function ask(accession: string, deps: AskDeps): Promise<Answer> {
  const { settings, get } = deps;
  const origin = `look-up at ${new URL(settings.url.replace('{accession}', '')).host}`;
  const about = { source: 'lookup', accession, key: '', origin, asOf: null } as const;
  const fetched = await get(urlOf(settings, accession));
  if (fetched.kind === 'failed') return fetched;
  if (fetched.kind === 'refused') return { kind: 'answered', statements: [], problem: fetched.problem };
  const found = fetched.kind === 'absent' ? fetched : read(fetched.value, accession, deps);
  switch (found.kind) {
    case 'absent':
      return { kind: 'answered', statements: [], problem: null };
    case 'doubtful': {
      const statement = { ...about, kind: found.kind, patientId: null, said: NOTHING_SAID } as const;
      return { kind: 'answered', statements: [statement], problem: found.problem };
    }
    case 'order':
    case 'cancelled': {
      const patientId = found.said.patient?.id ?? null;
      const order: NewStatement = { ...about, kind: found.kind, patientId, said: found.said };
      const subject = 'subject' in found ? found.subject : null;
      if (patientId === null || subject == null) {
        return { kind: 'answered', statements: [order], problem: null };
      }
      const measured = await get(`${baseOf(settings.url)}${sil2rQuery(subject, deps.sil2rCodes)}`);
      if (measured.kind === 'failed') return measured;
      if (measured.kind === 'refused') {
        return { kind: 'answered', statements: [order], problem: measured.problem };
      }
      const codes = { subject, codes: deps.sil2rCodes, timeZone: deps.timeZone };
      const sil2r = measured.kind === 'absent' ? null : readSil2rBundle(measured.value, codes);
      const value: NewStatement = {
        ...about,
        accession: null,
        patientId,
        kind: sil2r === null ? 'sil2r-withdrawn' : 'sil2r',
        said: { ...NOTHING_SAID, patient: found.said.patient, sil2r },
      };
      return { kind: 'answered', statements: [order, value], problem: null };
    }
  }
}

function read(
  value: unknown,
  accession: string,
  { settings, categories, timeZone }: AskDeps,
): Found & { readonly subject?: string | null } {
  return settings.kind === 'fhir'
    ? readOrderBundle(value, accession, { categories, timeZone })
    : readDocument(value, accession, settings.paths, categories);
}

function urlOf({ kind, url }: LookupConfig, accession: string): string {
  return kind === 'fhir'
    ? `${baseOf(url)}${orderQuery(accession)}`
    : url.replaceAll('{accession}', encodeURIComponent(accession));
}

function baseOf(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
