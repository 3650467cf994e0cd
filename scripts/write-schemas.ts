import { writeFileSync } from 'node:fs';
import { publishedSchemas } from '../src/config/json-schema.ts';

// Writes the JSON Schemas that editors use for completion; a test fails while the files differ from the schemas.
for (const [name, schema] of Object.entries(publishedSchemas())) {
  const file = new URL(`../config/${name}`, import.meta.url);
  writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
  process.stdout.write(`config/${name}\n`);
}
