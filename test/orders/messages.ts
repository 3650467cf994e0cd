/** Segments as a message, with the header of a LIS. */
export function message(
  type: string,
  controlId: string,
  segments: readonly string[],
  header: Partial<Header> = {},
): string {
  const { processingId, version, charset } = { ...HEADER, ...header };
  const msh = `MSH|^~\\&|LIS|HOSP|RAISINGD|SEQROOM|20251120100000+0900||${type}|${controlId}|${processingId}|${version}||||||${charset}`;
  return [msh, ...segments, ''].join('\r');
}

interface Header {
  readonly processingId: string;
  readonly version: string;
  readonly charset: string;
}
const HEADER: Header = { processingId: 'P', version: '2.5.1', charset: 'UNICODE UTF-8' };

export const PID = 'PID|1||P123^^^HOSP^MR||見本^一郎^^^^^L^I~ミホン^イチロウ^^^^^L^P||19480721|M';

/** An order as OML^O33 (IHE LAW) puts it: the specimen first, then what is to be done with it. */
export function omlO33(
  controlId: string,
  changes: { accession?: string; order?: string; control?: string; diagnosis?: string; pid?: string } = {},
): string {
  const {
    accession = 'S25-000123',
    order = '25010500123',
    control = 'NW',
    diagnosis = 'smoldering',
    pid = PID,
  } = changes;
  return message('OML^O33^OML_O33', controlId, [
    pid,
    `SPM|1|${accession}&LIS||BLD^Whole blood^HL70487|||||||P^Patient^HL70369||||||20250105094000+0900`,
    `SAC|||${accession}^LIS`,
    `ORC|${control}|${order}^LIS|||||||20250105100000+0900`,
    `OBR|1|${order}^LIS||HTLV1CLON^HTLV-1 clonality^99RSG`,
    `DG1|1||${diagnosis}^^L|||W`,
  ]);
}

/** sIL-2R of the patient, measured in another specimen. */
export function oruSil2r(
  controlId: string,
  changes: {
    value?: string;
    unit?: string;
    date?: string;
    status?: string;
    pid?: string;
    filler?: string;
    code?: string;
  } = {},
): string {
  const { value = '1480', unit = 'U/mL', date = '20250104080000+0900', status = 'F', pid = PID } = changes;
  const { filler = 'CH250104-77', code = '5J095-0000-023-052-01^可溶性IL-2レセプター^JC10' } = changes;
  return message('ORU^R01^ORU_R01', controlId, [
    pid,
    `OBR|1||${filler}^CHEM|CHEM^Chemistry^L|||${date}`,
    `OBX|1|NM|${code}||${value}|${unit}|||||${status}|||${date}|||CLEIA^CLEIA^L`,
  ]);
}
