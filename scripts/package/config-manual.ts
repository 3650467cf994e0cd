import { z } from 'zod';
import { definition, manual, prose, type Imprint } from './manual.ts';

/** What is used of a JSON Schema here. */
interface Schema {
  readonly description?: string | undefined;
  readonly default?: unknown;
  readonly enum?: readonly unknown[] | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly items?: Schema | undefined;
}

const schemaOf: z.ZodType<Schema> = z.lazy(() =>
  z.object({
    description: z.string().optional(),
    default: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
    properties: z.record(z.string(), schemaOf).optional(),
    items: schemaOf.optional(),
  }),
);

/** raisingd.yaml(5), from the published JSON Schema of the configuration. */
export function configManual(publishedSchema: unknown, imprint: Imprint): string {
  return manual('raisingd.yaml', 5, imprint, [
    '.SH NAME',
    'raisingd.yaml \\- configuration of raisingd',
    '.SH DESCRIPTION',
    ...prose(
      'A YAML file. Every key has a default unless it is said to be required; a key that is unknown is refused.\n' +
        'Files and folders are relative to the file. raisingd check names every fault in it at once.',
    ),
    '.P',
    ...prose(
      '/usr/share/doc/raisingd/raisingd.example.yaml holds every key with its default, to be copied and edited.',
    ),
    '.SH KEYS',
    ...keys('', schemaOf.parse(publishedSchema)),
    '.SH SEE ALSO',
    '.BR raisingd (1)',
  ]);
}

function keys(path: string, schema: Schema): string[] {
  const { properties = {} } = schema.items ?? schema;
  const prefix = path === '' ? '' : `${path}${schema.items === undefined ? '' : '[]'}.`;
  return Object.entries(properties).flatMap(([name, value]) => [
    ...entry(`${prefix}${name}`, value),
    ...keys(`${prefix}${name}`, value),
  ]);
}

/** A key that only holds others, and of which nothing is said, is seen from theirs. */
function entry(path: string, schema: Schema): string[] {
  const { description = '', default: preset, enum: choices = [], properties } = schema;
  const isValue = properties === undefined;
  if (!isValue && description === '') return [];
  const words = [
    description,
    isValue && choices.length > 0 ? `One of ${choices.map(inYaml).join(', ')}.` : '',
    isValue && preset !== undefined ? `Default: ${inYaml(preset)}.` : '',
  ];
  return definition(path, words.filter((text) => text !== '').join('\n') || 'No default.');
}

function inYaml(value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : JSON.stringify(value);
}
