import { mkdirSync, writeFileSync } from 'node:fs';
import { BUNDLED_ASSAY_FILE, loadAssay } from '../src/config/load.ts';
import { formatFault } from '../src/config/faults.ts';
import { sampleFiles } from '../src/simulate/samples.ts';

// `npm run samples`: writes the bundled samples anew, after a change of the simulator or of the samples' table.
const folder = new URL('../samples/', import.meta.url);
const assay = loadAssay(BUNDLED_ASSAY_FILE);
if (!assay.ok) throw new Error(assay.faults.map(formatFault).join('\n'));
mkdirSync(folder, { recursive: true });
const files = sampleFiles(assay.method.assay);
for (const [name, bytes] of files) writeFileSync(new URL(name, folder), bytes);
process.stdout.write(`${files.size} files written to samples/\n`);
