import type { Method } from '../../src/analysis.ts';
import { assaySchema } from '../../src/config/assay.ts';
import { configSchema } from '../../src/config/schema.ts';
import type { IntakeSettings } from '../../src/intake-protocol.ts';

export const method: Method = {
  assay: assaySchema.parse({ id: 'test', anchor: 'ACGT'.repeat(12) }),
  calibration: null,
  parameters: 'parameters',
};

/** One folder, with times of fractions of a second. */
export function settingsFor(folder: string, more: Partial<IntakeSettings> = {}): IntakeSettings {
  const { watch } = configSchema.parse({
    dataDir: folder,
    watch: { folders: [folder], scanSeconds: 0.2, quietSeconds: 0.1 },
  });
  return { watch, worklist: undefined, method, pictures: false, heartbeatMs: 50, hangMs: 10_000, ...more };
}
