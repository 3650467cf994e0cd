import { analyse, type Method } from './analysis.ts';
import { messagePicture } from './report/picture.ts';
import type { Scored } from './watch/finding.ts';

/** A file's bytes as the service gets to know them: the analysis and, where a destination wants it, the picture. */
export function scoreFile(bytes: Uint8Array, sha256: string, method: Method, pictures: boolean): Scored {
  const began = performance.now();
  const analysed = analyse(bytes, method, sha256);
  const scoringMs = performance.now() - began;
  return { analysis: analysed.analysis, picture: pictures ? messagePicture(analysed) : null, scoringMs };
}
