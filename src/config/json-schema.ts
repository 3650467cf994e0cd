import { z } from 'zod';
import { assaySchema } from './assay.ts';
import { configSchema } from './schema.ts';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** A zod schema of a file, for editors: what a person may write, so keys with a default are not required. */
export function toJsonSchema(schema: z.ZodType): JsonSchema {
  const made = MADE.get(schema) ?? z.toJSONSchema(schema, { io: 'input' });
  MADE.set(schema, made);
  return made;
}

/** A schema never changes, and each takes some milliseconds to make. */
const MADE = new WeakMap<z.ZodType, JsonSchema>();

/** The published schemas by file name in `config/`; `npm run schema` writes them. */
export function publishedSchemas(): Readonly<Record<string, JsonSchema>> {
  return {
    'raisingd.schema.json': { title: 'Configuration of raisingd', ...toJsonSchema(configSchema) },
    'assay.schema.json': { title: 'Assay of raisingd', ...toJsonSchema(assaySchema) },
  };
}

/** What a schema says about the value at `path`; null where it knows no such key. */
export function schemaAt(schema: JsonSchema, path: readonly PropertyKey[]): JsonSchema | null {
  let here: JsonSchema | null = schema;
  for (const step of path) {
    const next: unknown =
      typeof step === 'number' ? here.items : (here.properties?.[String(step)] ?? here.additionalProperties);
    here = isSchema(next) ? next : null;
    if (here === null) break;
  }
  return here;
}

/** The keys that a mapping at this place may have. */
export function knownKeys(schema: JsonSchema | null): readonly string[] {
  const names = schema?.propertyNames;
  if (isSchema(names)) return (names.enum ?? []).filter((key) => typeof key === 'string');
  return Object.keys(schema?.properties ?? {});
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
