/** What the checker reads of one message; split by hand, so that it shares no mistake with the program's reader. */
export interface Told {
  /** MSH-10. */
  readonly controlId: string;
  /** OBR-3.1. */
  readonly resultKey: string;
  /** SPM-2.1.1, else OBR-2.1. */
  readonly accession: string;
  /** OBR-25. */
  readonly status: string;
  /** OBX-3.1 and OBX-5 of each OBX: what a LIS would show. */
  readonly values: string;
}

/** Null where the bytes do not begin with MSH or have no MSH-10. */
export function tell(bytes: Uint8Array): Told | null {
  const lines = Buffer.from(bytes).toString('latin1').split('\r');
  const fields = (id: string): readonly string[] =>
    lines.find((line) => line.startsWith(`${id}|`))?.split('|') ?? [];
  const controlId = lines[0]?.startsWith('MSH|') === true ? (fields('MSH')[9] ?? '') : '';
  if (controlId === '') return null;
  const obr = fields('OBR');
  const first = (field: string | undefined): string => field?.split(/[\^&~]/)[0] ?? '';
  const values = lines
    .filter((line) => line.startsWith('OBX|'))
    .map((line) => line.split('|'))
    .map((obx) => `${first(obx[3])}=${obx[5] ?? ''}`);
  return {
    controlId: copied(controlId),
    resultKey: copied(first(obr[3])),
    accession: copied(first(fields('SPM')[2]) || first(obr[2])),
    status: copied(obr[25] ?? ''),
    values: copied(values.join(' ')),
  };
}

/** A part of a string keeps all of it in memory, and half a million messages are remembered. */
function copied(part: string): string {
  return Buffer.from(part, 'latin1').toString('latin1');
}
