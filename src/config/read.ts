import { readFileSync, statSync } from 'node:fs';
import type { z } from 'zod';
import { parseYaml, type YamlDocument } from './document.ts';
import { faultsOf, formatValue, wording, type Fault } from './faults.ts';
import { toJsonSchema } from './json-schema.ts';
import { wordsOf } from '../platform/words-of.ts';

/** A file as far as it could be understood. `value` is null when and only when there are faults. */
export interface YamlFile<T> {
  readonly value: T | null;
  /** Null where the file is no YAML mapping. */
  readonly document: YamlDocument | null;
  readonly faults: readonly Fault[];
}

/** A configuration is a few pages of text; anything larger is another file, named by mistake. */
const MAX_BYTES = 1024 * 1024;

/** Reads a YAML file against a schema and lists every fault; only a defect of the program throws. */
export function readYamlFile<S extends z.ZodType>(file: string, schema: S): YamlFile<z.output<S>> {
  const wrong = (message: string, remedy: string | null = null, value: string | null = null) => ({
    value: null,
    document: null,
    faults: [{ path: file, message, value, remedy, file, place: null }],
  });

  const text = readText(file);
  if (!text.ok) return wrong(text.message, text.remedy);

  const yaml = parseYaml(text.text);
  if (!yaml.ok) {
    const faults = yaml.faults.map(({ message, place }) => ({
      path: file,
      message: `is not valid YAML: ${message}`,
      value: null,
      remedy: null,
      file,
      place,
    }));
    return { value: null, document: null, faults };
  }

  const { document } = yaml;
  if (typeof document.value !== 'object' || document.value === null || Array.isArray(document.value)) {
    const required = `It needs at least: ${(toJsonSchema(schema).required ?? []).join(', ')}.`;
    if (document.value === null) return wrong('is empty', required);
    return wrong('must be a mapping of keys to values', required, formatValue(document.value));
  }

  const parsed = schema.safeParse(document.value, { error: wording });
  if (!parsed.success) {
    return {
      value: null,
      document,
      faults: faultsOf(parsed.error.issues, document, file, toJsonSchema(schema)),
    };
  }
  return { value: parsed.data, document, faults: [] };
}

type Text =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string; readonly remedy: string | null };

function readText(file: string): Text {
  try {
    // Looked at first: opening a FIFO would wait for a writer that may never come.
    const stats = statSync(file);
    if (!stats.isFile()) return { ok: false, message: 'is not a regular file', remedy: null };
    if (stats.size > MAX_BYTES) return { ok: false, message: 'is larger than 1 MiB', remedy: null };
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)) };
  } catch (error) {
    return { ok: false, ...whyUnreadable(error) };
  }
}

function whyUnreadable(error: unknown): { readonly message: string; readonly remedy: string | null } {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return { message: 'does not exist', remedy: 'Write it, or name another file.' };
    case 'EACCES':
      return {
        message: 'may not be read by this user',
        remedy: 'Give the user read permission (docs/operations.md).',
      };
    case 'ERR_ENCODING_INVALID_ENCODED_DATA':
      return { message: 'is not UTF-8 text', remedy: 'Save it as UTF-8.' };
    default:
      return {
        message: `cannot be read: ${wordsOf(error)}`,
        remedy: null,
      };
  }
}
