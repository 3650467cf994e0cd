import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { schemaAt, publishedSchemas, toJsonSchema, type JsonSchema } from '../../src/config/json-schema.ts';
import { loadConfig } from '../../src/config/load.ts';
import { configSchema } from '../../src/config/schema.ts';
import { valueAt } from '../../src/config/faults.ts';

const folder = new URL('../../config/', import.meta.url);
const exampleFile = new URL('raisingd.example.yaml', folder);
const example = readFileSync(exampleFile, 'utf8');
/** With every `#key:` and `#- key:` line in use; prose has a space after its #. */
const whole: unknown = parse(example.replaceAll(/^( *)#((?:- )?\w+:)/gm, '$1$2'));

/** Paths of all keys that hold a value, with 0 for the entries of a list; `codes` stands for its own keys. */
function leaves(schema: JsonSchema, path: readonly PropertyKey[] = []): PropertyKey[][] {
  const { properties, items, propertyNames } = schemaAt(schema, path) ?? {};
  if (properties !== undefined) {
    return Object.keys(properties).flatMap((key) => leaves(schema, [...path, key]));
  }
  if (propertyNames !== undefined) return leaves(schema, [...path, 'CV']);
  const entry = schemaAt(schema, [...path, 0]);
  return items !== undefined && entry?.properties !== undefined ? leaves(schema, [...path, 0]) : [[...path]];
}

describe('files that are published with the program', () => {
  test.each(Object.entries(publishedSchemas()))(
    'config/%s is what `npm run schema` writes',
    (name, schema) => {
      expect(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))).toEqual(schema);
    },
  );

  test('the example is accepted', () => {
    expect(loadConfig(fileURLToPath(exampleFile))).toMatchObject({ ok: true });
  });

  test('the example stays valid with every key that is commented out put to use', () => {
    expect(configSchema.safeParse(whole).error).toBeUndefined();
  });

  const schema = toJsonSchema(configSchema);
  const keys = leaves(schema).filter(([first]) => first !== '$schema');

  test.each(keys.map((path) => [path.join('.'), path] as const))('the example shows %s', (_title, path) => {
    expect(valueAt(whole, path)).toBeDefined();
  });

  test.each(keys.map((path) => [path.join('.'), path] as const))('%s is described', (_title, path) => {
    expect(schemaAt(schema, path)?.description).toMatch(/\.$/);
  });

  test('each value in the example is the default, save those that have none', () => {
    const chosen = {
      dataDir: '/var/lib/raisingd',
      watch: { folders: ['/srv/sequencer'] },
      lis: [{ name: 'main', mllp: { host: '10.0.0.5', port: 2575 } }],
    };
    expect(configSchema.parse(parse(example))).toEqual(configSchema.parse(chosen));
    expect(valueAt(whole, ['worklist', 'scanSeconds'])).toBe(
      configSchema.parse({ dataDir: 'd', worklist: { folder: 'w' } }).worklist?.scanSeconds,
    );
  });

  test('an unused key is written with no value that would differ from leaving it out', () => {
    const unused = keys.filter((path) => valueAt(parse(example), path) === undefined);
    for (const path of unused) {
      const preset = schemaAt(schema, path)?.default;
      if (preset !== undefined) expect([path, valueAt(whole, path)]).toEqual([path, preset]);
    }
    expect(unused).not.toEqual([]);
  });
});
