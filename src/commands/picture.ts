import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { analyse } from '../analysis.ts';
import type { LoadedConfig } from '../config/load.ts';
import { giveToOwner } from '../platform/owner.ts';
import { figure } from '../report/figure.ts';
import { verdictOf } from '../report/score-text.ts';
import type { StoredAnalysis } from '../store/analyses.ts';
import type { Store } from '../store/store.ts';
import { figuresFolder } from '../upkeep/figure-files.ts';
import { readWholeFile } from '../watch/read-file.ts';

/**
 * Draws a stored trace from its file, where that is still there with the same content.
 * @returns the picture's path, or why there is none
 */
export async function drawStored(
  store: Store,
  { config, method }: LoadedConfig,
  { analysis, file }: StoredAnalysis,
): Promise<{ readonly path: string } | { readonly none: string }> {
  for (const path of store.sightings.pathsOf(analysis.sha256)) {
    const read = await readWholeFile(Buffer.from(path), config.watch.maxFileMiB * 2 ** 20);
    if (read.kind !== 'read') continue;
    const drawn = analyse(read.bytes, method);
    if (drawn.analysis.sha256 !== analysis.sha256) continue;
    const { reasons, quality } = analysis;
    const caption = {
      title: file,
      verdict: verdictOf({ file, analysis, cutoffs: config.cutoffs }),
      reasons,
      quality,
    };
    const folder = figuresFolder(config.dataDir);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    giveToOwner(config.dataDir, folder);
    // Named by the content: no path is ever built from a name in the trace.
    const picture = join(folder, `${analysis.sha256.slice(0, 16)}.svg`);
    writeFileSync(picture, figure(drawn.trace, drawn.evidence, caption), { mode: 0o600 });
    giveToOwner(config.dataDir, picture);
    return { path: picture };
  }
  return { none: 'the file is gone, or its content is another now' };
}
