import type { z } from 'zod';
import type { Place, YamlDocument } from './document.ts';
import { knownKeys, schemaAt, type JsonSchema } from './json-schema.ts';
import { nearest } from './nearest.ts';

/** Something to say about one key of the configuration. */
export interface Remark {
  /** The key as a person would name it, such as `lis[0].mllp.port`; the file where no key is to blame. */
  readonly path: string;
  /** What is wrong with it, such as `must be at most 65535`. */
  readonly message: string;
  /** The value, shortened; null where there is none or it may be a secret. */
  readonly value: string | null;
  /** What to write or do instead. */
  readonly remedy: string | null;
}

/** A mistake for which a file is refused. */
export interface Fault extends Remark {
  readonly file: string;
  /** Null where the file as a whole is wrong. */
  readonly place: Place | null;
}

/** `path: what is wrong: the value (file:line:column). Remedy` */
export function formatFault(fault: Fault): string {
  const { file, place } = fault;
  const where = place === null ? file : `${file}:${place.line}:${place.column}`;
  return formatRemark(fault, where === fault.path ? '' : ` (${where})`);
}

/** `path: what is wrong: the value. Remedy` */
export function formatRemark({ path, message, value, remedy }: Remark, where = ''): string {
  return `${path}: ${message}${value === null ? '' : `: ${value}`}${where}${remedy === null ? '' : `. ${remedy}`}`;
}

export function formatPath(path: readonly PropertyKey[]): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : (index === 0 ? '' : '.') + String(step)))
    .join('');
}

/** A value for one line of a report. Mappings and lists are only named: a secret may lie in them. */
export function formatValue(value: unknown): string | null {
  if (value === undefined) return null;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

/** What zod calls an issue, in the words of this program; messages written in a schema go before these. */
export function wording(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined && issue.code === 'invalid_type') return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? `must be ${issue.expected}`;
    case 'too_small':
      return `must ${limit(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)}`;
    case 'too_big':
      return `must ${limit(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_format':
      return issue.pattern === undefined ? `must be a valid ${issue.format}` : `must match ${issue.pattern}`;
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
    case 'invalid_key':
      return 'is not a known key';
    case 'invalid_union':
    case 'invalid_element':
    case 'custom':
      return 'is not a valid value';
  }
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'must be text (in quotes where it looks like something else)',
  number: 'must be a number',
  int: 'must be a whole number',
  boolean: 'must be true or false',
  array: 'must be a list',
  object: 'must be a mapping of keys to values',
  record: 'must be a mapping of keys to values',
};

function limit(origin: string, comparison: string, bound: number | bigint): string {
  switch (origin) {
    case 'string':
      return `be ${comparison} ${bound} characters long`;
    case 'array':
      return `have ${comparison} ${bound} entries`;
    default:
      return `be ${comparison} ${bound}`;
  }
}

/** The faults that zod found in a document; an issue about several unknown keys becomes a fault for each. */
export function faultsOf(
  issues: readonly z.core.$ZodIssue[],
  document: YamlDocument,
  file: string,
  schema: JsonSchema,
): Fault[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownKey(issue.path, key, document, file, schema));
    }
    const about = schemaAt(schema, issue.path);
    const secret = about?.writeOnly === true;
    return [
      {
        path: formatPath(issue.path) || file,
        message: issue.message,
        value: secret ? null : formatValue(valueAt(document.value, issue.path)),
        remedy: about === null ? null : adviceOf(about),
        file,
        place: document.locate(issue.path),
      },
    ];
  });
}

function adviceOf({ description, default: preset }: JsonSchema): string | null {
  const fallback = typeof preset === 'object' ? null : formatValue(preset);
  const parts = [description, fallback === null ? undefined : `Default: ${fallback}.`];
  return parts.filter((part) => part !== undefined).join(' ') || null;
}

function unknownKey(
  parent: readonly PropertyKey[],
  key: string,
  document: YamlDocument,
  file: string,
  schema: JsonSchema,
): Fault {
  const known = knownKeys(schemaAt(schema, parent));
  const meant = nearest(key, known);
  return {
    path: formatPath([...parent, key]),
    message: 'is not a known key',
    value: null,
    remedy: meant === null ? `Known here: ${known.join(', ')}.` : `Did you mean ${meant}?`,
    file,
    place: document.locate(parent, key),
  };
}

/** What a document says at `path`, however little of it is valid. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inside, step) =>
      typeof inside === 'object' && inside !== null
        ? (inside as Record<PropertyKey, unknown>)[step]
        : undefined,
    value,
  );
}
