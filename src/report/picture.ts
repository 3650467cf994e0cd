import type { Analysed } from '../analysis.ts';
import { reportedCv } from '../risk/classify.ts';
import { drawing } from './figure.ts';
import { toPng } from './png.ts';
import { rasterise } from './raster.ts';

/**
 * The picture of a trace for a message: as `figure` draws it, in PNG. Without a tier, which depends on cut-offs that
 * may change, and without the file's name, which is never sent. Null where there is no value to show.
 */
export function messagePicture({ analysis, trace, evidence }: Analysed): Uint8Array | null {
  const { cvRaw, cvInterval, origin, reasons, quality, status } = analysis;
  if (cvRaw === null || cvInterval === null) return null;
  const [low, high] = cvInterval.map((value) => value.toFixed(2));
  const title = origin?.sample ?? 'no sample name';
  const verdict = `Cv ${reportedCv(cvRaw).toFixed(2)} (90 % interval ${low}-${high}), ${status}`;
  return toPng(rasterise(drawing(trace, evidence, { title, verdict, reasons, quality })));
}
