import { z } from 'zod';
import { isOneOf, readCategory, type CategoryCodes } from '../context/codes.ts';
import type { Patient, Sil2r } from '../context/context.ts';
import { plainAccession } from '../context/match.ts';
import { NOTHING_SAID, type Said } from '../context/statement.ts';
import type { Found } from './json-document.ts';
import { readTime } from './time.ts';

// The few parts of FHIR R4 that are read; a server may send anything beside them.
const coding = z.object({ code: z.string().optional(), display: z.string().optional() });
const concept = z.object({ coding: z.array(coding).optional(), text: z.string().optional() });
const identifier = z.object({ value: z.string().optional(), type: concept.optional() });
const reference = z.object({ reference: z.string().optional(), identifier: identifier.optional() });
const extension = z.object({ url: z.string().optional(), valueCode: z.string().optional() });
const humanName = z.object({
  text: z.string().optional(),
  family: z.string().optional(),
  given: z.array(z.string()).optional(),
  extension: z.array(extension).optional(),
});
const serviceRequest = z.object({
  resourceType: z.literal('ServiceRequest'),
  id: z.string().optional(),
  status: z.string().optional(),
  identifier: z.array(identifier).optional(),
  subject: reference.optional(),
  reasonCode: z.array(concept).optional(),
});
const patientResource = z.object({
  resourceType: z.literal('Patient'),
  id: z.string().optional(),
  identifier: z.array(identifier).optional(),
  name: z.array(humanName).optional(),
  birthDate: z.string().optional(),
  gender: z.string().optional(),
});
const specimen = z.object({
  resourceType: z.literal('Specimen'),
  collection: z.object({ collectedDateTime: z.string().optional() }).optional(),
});
const observation = z.object({
  resourceType: z.literal('Observation'),
  status: z.string().optional(),
  code: concept.optional(),
  subject: reference.optional(),
  method: concept.optional(),
  effectiveDateTime: z.string().optional(),
  valueQuantity: z
    .object({
      value: z.number().optional(),
      unit: z.string().optional(),
      code: z.string().optional(),
      comparator: z.string().optional(),
    })
    .optional(),
});
const bundle = z.object({
  resourceType: z.literal('Bundle'),
  entry: z.array(z.object({ resource: z.unknown() })).optional(),
});

/** What a search gave: an order, and its patient's place on the server, under which sIL-2R is asked for. */
export type FoundOrder = Found & { readonly subject?: string | null };

const CLOSED = ['revoked', 'entered-in-error'];
/** JP Core and ISO 21090: IDE kanji, SYL reading. */
const REPRESENTATION = 'iso21090-EN-representation';

/** Query, below the base URL, for the orders of an accession with their patients and specimens. */
export function orderQuery(accession: string): string {
  const includes = '_include=ServiceRequest:subject&_include=ServiceRequest:specimen';
  // In a token `,` means "or" and `|` ends the system.
  const token = accession.replaceAll(/[\\,|$]/g, '\\$&');
  return `ServiceRequest?identifier=${encodeURIComponent(token)}&${includes}`;
}

/** Query for the newest sIL-2R of a patient; codes that end with `*` cannot be asked for. */
export function sil2rQuery(subject: string, codes: readonly string[]): string {
  const asked = codes
    .filter((code) => !code.endsWith('*'))
    .map(encodeURIComponent)
    .join(',');
  return `Observation?subject=${encodeURIComponent(subject)}&code=${asked}&_sort=-date&_count=20`;
}

/** @param answer JSON of a Bundle of `orderQuery`; anything else is a problem, never an order */
export function readOrderBundle(
  answer: unknown,
  accession: string,
  rules: { readonly categories: CategoryCodes; readonly timeZone: string },
): FoundOrder {
  const resources = resourcesOf(answer);
  if (resources === null) return { kind: 'doubtful', problem: 'the answer is no Bundle' };
  // A server that does not know the parameter answers with every order it has.
  const requests = allOf(serviceRequest, resources).filter((one) =>
    (one.identifier ?? []).some(({ value }) => plainAccession(value ?? '') === accession),
  );
  const open = requests.filter(({ status }) => !CLOSED.includes(status ?? ''));
  if (open.length > 1) {
    return { kind: 'doubtful', problem: `${open.length} open ServiceRequests have the accession` };
  }
  const request = open[0] ?? requests[0];
  if (request === undefined) return { kind: 'absent' };
  const subject = request.subject?.reference ?? null;
  const named = allOf(patientResource, resources).find(
    ({ id }) => id !== undefined && id === lastPart(subject),
  );
  const codes = (request.reasonCode ?? []).flatMap((one) => (one.coding ?? []).map(({ code }) => code ?? ''));
  const taken = allOf(specimen, resources).map(({ collection }) => collection?.collectedDateTime)[0];
  const said: Said = {
    ...NOTHING_SAID,
    order: orderNumber(request.identifier ?? [], accession),
    patient: named === undefined ? bareIdentifier(request.subject?.identifier?.value) : toPatient(named),
    ...readCategory(codes, rules.categories),
    collected: taken === undefined ? null : localTime(taken, rules.timeZone),
  };
  return { kind: open.length === 1 ? 'order' : 'cancelled', said, subject };
}

/** The newest final sIL-2R of a Bundle of `sil2rQuery`; null where there is none that is a value. */
export function readSil2rBundle(
  answer: unknown,
  about: { readonly subject: string; readonly codes: readonly string[]; readonly timeZone: string },
): Sil2r | null {
  const { codes, timeZone } = about;
  const found = allOf(observation, resourcesOf(answer) ?? [])
    .filter(({ subject }) => lastPart(subject?.reference) === lastPart(about.subject))
    .filter(({ status }) => ['final', 'amended', 'corrected'].includes(status ?? ''))
    .filter(({ code }) => (code?.coding ?? []).some((one) => isOneOf(one.code ?? '', codes)))
    .flatMap(({ valueQuantity, method, effectiveDateTime }): Sil2r[] => {
      const { value, unit, code, comparator } = valueQuantity ?? {};
      if (value === undefined || !(value > 0) || comparator !== undefined) return [];
      // The day as it stands on the other laboratory's report, whatever its zone.
      const date = localTime(effectiveDateTime?.slice(0, 10) ?? '', timeZone);
      const name = method?.text ?? method?.coding?.[0]?.display ?? method?.coding?.[0]?.code ?? null;
      return [{ value, unit: unit ?? code ?? '', method: name, date }];
    });
  return found.sort((a, b) => ((a.date ?? '') < (b.date ?? '') ? 1 : -1))[0] ?? null;
}

/** `Patient/77` and `https://server/fhir/Patient/77` are the same patient of one server. */
function lastPart(reference: string | null | undefined): string | undefined {
  return reference?.split('/').at(-1);
}

function resourcesOf(answer: unknown): readonly unknown[] | null {
  const parsed = bundle.safeParse(answer);
  return parsed.success ? (parsed.data.entry ?? []).map(({ resource }) => resource) : null;
}

/** The resources of one kind; those that are not what FHIR says are left out. */
function allOf<T>(schema: z.ZodType<T>, resources: readonly unknown[]): T[] {
  return resources.flatMap((resource) => {
    const parsed = schema.safeParse(resource);
    return parsed.success ? [parsed.data] : [];
  });
}

/** The identifier of type PLAC, else the only one that is not the accession. */
function orderNumber(identifiers: readonly z.infer<typeof identifier>[], accession: string): string | null {
  const isPlacer = ({ type }: z.infer<typeof identifier>): boolean =>
    (type?.coding ?? []).some(({ code }) => code === 'PLAC');
  const others = identifiers.filter(
    ({ value }) => value !== undefined && plainAccession(value) !== accession,
  );
  const placer = identifiers.find(isPlacer) ?? (others.length === 1 ? others[0] : undefined);
  return plain(placer?.value);
}

function toPatient(resource: z.infer<typeof patientResource>): Patient {
  const ids = resource.identifier ?? [];
  const record = ids.find(({ type }) => (type?.coding ?? []).some(({ code }) => code === 'MR'));
  const names = (resource.name ?? []).map((name) => ({
    representation:
      (name.extension ?? []).find(({ url }) => url?.endsWith(REPRESENTATION))?.valueCode ?? null,
    text: plain([name.family ?? '', (name.given ?? []).join(' ')].join('^').replace(/^\^$/, '') || name.text),
  }));
  const birth = resource.birthDate ?? '';
  const sexes: Readonly<Record<string, Patient['sex']>> = {
    male: 'M',
    female: 'F',
    other: 'O',
    unknown: 'U',
  };
  return {
    id: plain((record ?? ids[0])?.value),
    name: names.find(({ representation }) => representation !== 'SYL')?.text ?? null,
    nameKana: names.find(({ representation }) => representation === 'SYL')?.text ?? null,
    birthDate: /^\d{4}-\d{2}-\d{2}$/.test(birth) ? birth : null,
    sex: sexes[resource.gender ?? ''] ?? null,
  };
}

function bareIdentifier(value: string | undefined): Patient | null {
  const id = plain(value);
  return id === null ? null : { id, name: null, nameKana: null, birthDate: null, sex: null };
}

/** A text that HL7 can carry; null where it is empty, has a control character, or is far too long. */
function plain(text: string | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' || trimmed.length > 200 || /\p{Cc}/u.test(trimmed) ? null : trimmed;
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** A FHIR dateTime, by way of HL7 v2's form; null where it is less precise than a day. */
function localTime(text: string, timeZone: string): string | null {
  if (!DATE_TIME.test(text)) return null;
  const plainText = text.replace(/\.\d+/, '').replace('Z', '+0000');
  const [date = '', clock = ''] = plainText.split('T');
  return readTime(date.replaceAll('-', '') + clock.replaceAll(':', ''), timeZone) ?? null;
}
