import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from './platform/replace-file.ts';

const folderSchema = z.object({
  folder: z.string(),
  state: z.enum(['starting', 'available', 'unavailable', 'hanging']),
  detail: z.string(),
  files: z.number(),
  waiting: z.number(),
  scanMs: z.number().nullable(),
});

const stateSchema = z.object({
  /** When this was written, ISO UTC. */
  at: z.string(),
  pid: z.number(),
  startedAt: z.string(),
  version: z.string(),
  config: z.object({ source: z.string().nullable(), hash: z.string() }),
  folders: z.array(folderSchema),
  destinations: z.array(
    z.object({ name: z.string(), downSince: z.string().nullable(), outcome: z.string().nullable() }),
  ),
  worklist: z.object({ rows: z.number(), faults: z.array(z.string()) }).nullable(),
  /** What is not read in the watched folders and why; paths may hold names, so they are here and in no log. */
  complaints: z.array(z.object({ path: z.string(), detail: z.string() })),
  /** What calls for a person. */
  alerts: z.array(z.object({ key: z.string(), text: z.string(), since: z.string() })),
});

/** What the running service tells `raisingd status`, apart from what the database knows. */
export type ServiceState = z.output<typeof stateSchema>;

const fileIn = (dataDir: string): string => join(dataDir, 'state.json');

/** Replaces the file; a reader sees the old one or the new one. Throws where the disk is full. */
export function writeState(dataDir: string, state: ServiceState): void {
  replaceFile(fileIn(dataDir), `${JSON.stringify(state)}\n`);
}

/** The last state that was written; null where there is none that can be read. */
export function readState(dataDir: string): ServiceState | null {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(fileIn(dataDir), 'utf8')));
  } catch {
    // Nothing ran here yet, or another version did: the database still tells what matters.
    return null;
  }
}
