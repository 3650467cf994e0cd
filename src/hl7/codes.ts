import type { Destination } from '../config/schema.ts';
import type { Region, Tier } from '../risk/classify.ts';
import type { Component } from './message.ts';

/** Our coding system; 99 marks a local one (HL7 table 0396). */
const LOCAL_SYSTEM = '99RSG';

/** Our own codes for orders, observations and the method. No LOINC code for Cv is known, and none is invented. */
const TEXTS = {
  HTLV1CLON: 'HTLV-1 clonality (RAISING Sanger)',
  CV: 'HTLV-1 clonality value (Cv)',
  CVTIER: 'Cv tier',
  CVRISK: 'Aggressive-ATL progression region',
  CVQC: 'Reason for no clonality value',
  CVTRACE: 'Trace picture',
  CVREPORT: 'Report',
  SIL2R: 'Soluble IL-2 receptor, as reported to us',
} as const;

export type LocalCode = keyof typeof TEXTS;

/** Tiers as codes, lowest first. */
export const TIER_CODES: Readonly<Record<Tier, string>> = {
  low: 'LOW',
  intermediate: 'INTERMEDIATE',
  high: 'HIGH',
};

/** The published group of each region (Saito et al. 2025: R1 low, R2 and R3 intermediate, R4 high). */
export const REGION_TEXTS: Readonly<Record<Region, string>> = {
  R1: 'Low risk',
  R2: 'Intermediate risk',
  R3: 'Intermediate risk',
  R4: 'High risk',
};

/** The site's codes by ours. */
export type CodeMap = Destination['message']['codes'];

/** A coded element for one of our codes, or for the site's own code that replaces it. */
export function coded(code: LocalCode, map: CodeMap): readonly Component[] {
  return codedAs(code, TEXTS[code], map);
}

/** The same for a code that has its text from elsewhere: a tier, a region, a reason; `ours` is its coding system. */
export function codedAs(code: string, text: string, map: CodeMap, ours = LOCAL_SYSTEM): readonly Component[] {
  const site = Object.hasOwn(map, code) ? map[code] : undefined;
  return [site?.code ?? code, site?.text ?? text, site?.system ?? ours];
}
