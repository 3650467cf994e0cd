import { createHash } from 'node:crypto';
import type { FindTag } from './abif.ts';
import type { Origin } from './trace.ts';
import { readDateTime, readInteger, readText } from './values.ts';

/** Everything the file says about where and when it was made; each absent or unusable tag is null. */
export function readOrigin(find: FindTag): Origin {
  return {
    sample: readText(find('SMPL', 1)),
    run: readText(find('RunN', 1)),
    injection: readText(find('InjN', 1)),
    well: readText(find('TUBE', 1)),
    plate: readText(find('CTNM', 1)),
    lane: readInteger(find('LANE', 1)),
    startedAt: readDateTime(find('RUND', 1), find('RUNT', 1)),
    endedAt: readDateTime(find('RUND', 2), find('RUNT', 2)),
    model: readText(find('HCFG', 3)) ?? readText(find('MODL', 1)),
    serial: serialNumber(readText(find('HCFG', 4))) ?? readText(find('MCHN', 1)),
    rawDigest: digest(find('DATA', 1)?.value ?? null),
  };
}

/** `HCFG4` reads `UnitID=3;CPUBoard=ECPU550;ArraySize=96;SerialNumber=35227-003;`; 0 stands for none. */
function serialNumber(configuration: string | null): string | null {
  const serial = /(?:^|;)SerialNumber=([^;]*)/.exec(configuration ?? '')?.[1]?.trim() ?? '';
  return serial === '' || serial === '0' ? null : serial;
}

function digest(raw: Uint8Array | null): string | null {
  return raw === null ? null : createHash('sha256').update(raw).digest('hex').slice(0, 16);
}
