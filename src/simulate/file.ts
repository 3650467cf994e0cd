import * as abif from '../trace/write-abif.ts';
import type { TagToWrite } from '../trace/write-abif.ts';
import type { Recipe } from './recipe.ts';
import type { Synthesis } from './synthesise.ts';

/** The dyes by wavelength: which base each stands for, and that base's place among A, C, G, T. */
const DYE_ORDER = 'GATC';
const byDye = [2, 0, 3, 1] as const;
/** Minutes that a run takes. */
const RUN_MINUTES = 45;
const MODEL = '3500';
const SERIAL = 'SIMULATED';

/** The tags with which a 3500 describes a read, as far as readers look at them. SVER says that none wrote it. */
export function tagsOf(read: Synthesis, recipe: Recipe): TagToWrite[] {
  const { called, channels, raw, lead, spacing } = read;
  const start = wallClock(recipe.startedAt);
  const end = new Date(start.getTime() + RUN_MINUTES * 60_000);
  const scans = raw[0].length;
  return [
    ...byDye.map((base, dye) => abif.shorts('DATA', 1 + dye, raw[base])),
    ...byDye.map((base, dye) => abif.shorts('DATA', 9 + dye, channels[base])),
    abif.shorts(
      'S/N%',
      1,
      byDye.map((base) => read.signalToNoise[base]),
    ),
    abif.chars('FWO_', 1, DYE_ORDER),
    ...[1, 2].flatMap((edition) => [
      abif.chars('PBAS', edition, called.calls),
      abif.shorts('PLOC', edition, called.peaks),
      abif.bytesTag('PCON', edition, called.qualities),
      abif.shorts('ASPt', edition, [lead]),
      abif.shorts('AEPt', edition, [scans]),
      abif.shorts('B1Pt', edition, [lead + (called.peaks[0] ?? 0)]),
      abif.pString('PDMF', edition, 'KB_3500_POP7_BDTv3.mob'),
    ]),
    abif.float('SPAC', 1, spacing),
    abif.longs('SCAN', 1, [scans]),
    abif.shorts('Dye#', 1, [DYE_ORDER.length]),
    abif.pString('SMPL', 1, recipe.sample),
    abif.cString('RunN', 1, recipe.run),
    abif.cString('InjN', 1, injectionName(recipe)),
    abif.pString('TUBE', 1, recipe.well),
    abif.cString('CTNM', 1, recipe.plate),
    abif.shorts('LANE', 1, [recipe.lane]),
    ...dated(1, start),
    ...dated(2, end),
    abif.chars('MODL', 1, MODEL),
    abif.cString('HCFG', 1, 'CE'),
    abif.cString('HCFG', 2, '35XX'),
    abif.cString('HCFG', 3, MODEL),
    abif.cString('HCFG', 4, `UnitID=1;ArraySize=24;SerialNumber=${SERIAL};`),
    abif.pString('MCHN', 1, SERIAL),
    abif.pString('SVER', 1, 'SIMULATED, not an instrument'),
    abif.pString('SVER', 2, 'raisingd simulator 1'),
    abif.pString('GTyp', 1, 'POP7'),
    abif.pString('CMNT', 1, `Simulated with seed ${recipe.seed}; no patient, no instrument`),
  ];
}

function injectionName({ startedAt }: Recipe): string {
  return `Injection ${startedAt.replace('T', '-').replaceAll(':', '-')}`;
}

/** An instrument's wall-clock time has no zone; UTC serves to count minutes. */
function wallClock(startedAt: string): Date {
  return new Date(`${startedAt}Z`);
}

function dated(number: number, at: Date): TagToWrite[] {
  return [
    abif.date('RUND', number, at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()),
    abif.time('RUNT', number, at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()),
  ];
}
