import type { Destination } from '../config/schema.ts';
import type { Charset } from '../config/message.ts';

/** Everything that decides how a message is written, each switch set: by the site, or else by the profile. */
export interface MessageOptions {
  readonly structure: 'ORU_R01' | 'OUL_R22';
  /** MSH-12. */
  readonly version: '2.5' | '2.5.1';
  /** MSH-15 and MSH-16. */
  readonly acknowledgements: readonly [accept: string, application: string];
  /** MSH-21 as components; empty where the profile has none. */
  readonly conformance: readonly string[];
  /** The set of the bytes; what MSH-18 and MSH-20 call it may be something else. */
  readonly charset: Charset;
  /** Repetitions of MSH-18. */
  readonly msh18: readonly string[];
  readonly msh20: string;
  /** What becomes of a character of a name or comment that the set does not have. */
  readonly unencodable: 'substitute' | 'hold';
  /** Stands for such a character where it has no other form. */
  readonly mark: string;
  /** What stands for a character, where the site has chosen. */
  readonly substitutes: ReadonlyMap<string, string>;
  readonly sendingApplication: string;
  /** MSH-4; null: the facility of the site. */
  readonly sendingFacility: string | null;
  readonly receivingApplication: string;
  readonly receivingFacility: string;
  readonly processingId: string;
  /** PID-3.4: namespace, universal id and its type. */
  readonly patientAuthority: readonly [namespace: string, id: string, type: string];
  readonly patientIdType: string;
  readonly codedType: 'CWE' | 'CE';
  readonly offset: boolean;
  readonly unit: '1' | '';
  readonly notes: boolean;
  readonly sil2r: boolean;
  readonly flags: Readonly<Record<'high' | 'abnormal' | 'normal', string>>;
  readonly picture: boolean;
  readonly pdf: boolean;
  /** Bytes of the largest picture or PDF that is sent. */
  readonly largestAttachment: number;
  readonly codes: Destination['message']['codes'];
  /** OBX-4 holds the number of the run. */
  readonly run: boolean;
  /** OBX-29 holds RSLT. */
  readonly resultType: boolean;
  readonly software: boolean;
  /** Only the fields that LAB-29 uses; an order that is not there is sent as the HL7 null. */
  readonly workOrder: boolean;
}

type Defaults = Pick<
  MessageOptions,
  | ('structure' | 'version' | 'acknowledgements' | 'conformance' | 'charset' | 'patientIdType')
  | ('codedType' | 'offset' | 'unit' | 'notes' | 'run' | 'resultType' | 'software' | 'workOrder')
>;

/** HL7 v2.5.1 as most LIS take it. */
const ORU: Defaults = {
  structure: 'ORU_R01',
  version: '2.5.1',
  acknowledgements: ['', ''],
  conformance: [],
  charset: 'UTF-8',
  patientIdType: 'MR',
  codedType: 'CWE',
  offset: true,
  unit: '1',
  notes: true,
  run: false,
  resultType: false,
  software: true,
  workOrder: false,
};

const PROFILES: Readonly<Record<Destination['profile'], Defaults>> = {
  'oru-r01-2.5.1': ORU,
  // IHE Laboratory Analytical Workflow, transaction LAB-29.
  'oul-r22-law': {
    ...ORU,
    structure: 'OUL_R22',
    acknowledgements: ['NE', 'AL'],
    conformance: ['LAB-29', 'IHE'],
    run: true,
    resultType: true,
    software: false,
    workOrder: true,
  },
  // JAHIS, as SS-MIX2 storages take it.
  jahis: {
    ...ORU,
    structure: 'OUL_R22',
    version: '2.5',
    charset: 'ISO-2022-JP',
    patientIdType: 'PI',
    offset: false,
  },
};

/** What a set is called in MSH-18 (HL7 table 0211). It has no name for Shift_JIS and EUC-JP. */
const MSH18: Readonly<Record<Charset, string>> = {
  'UTF-8': 'UNICODE UTF-8',
  'ISO-2022-JP': '~ISO IR87',
  Shift_JIS: '',
  'EUC-JP': '',
  'ISO-8859-1': '8859/1',
  ASCII: 'ASCII',
};

const WESTERN: readonly Charset[] = ['ISO-8859-1', 'ASCII'];

/** The profile of a destination with the switches that its site has set. */
export function messageOptions(destination: {
  readonly profile: Destination['profile'];
  readonly acknowledge: Destination['acknowledge'];
  readonly message: Destination['message'];
}): MessageOptions {
  const defaults = PROFILES[destination.profile];
  const own = destination.message;
  const charset = own.charset ?? defaults.charset;
  const { namespace = own.receivingFacility, universalId, universalIdType } = own.patientAuthority;
  return {
    structure: own.structure ?? defaults.structure,
    version: own.version ?? defaults.version,
    acknowledgements: acknowledgements(destination.acknowledge, defaults),
    conformance: defaults.conformance,
    charset,
    msh18: (own.msh18 ?? MSH18[charset]).split('~'),
    msh20: own.msh20 ?? (charset === 'ISO-2022-JP' ? 'ISO 2022-1994' : ''),
    unencodable: own.unencodable,
    mark: own.mark ?? (WESTERN.includes(charset) ? '?' : '〓'),
    substitutes: new Map(own.substitutes.map(pairOf)),
    sendingApplication: own.sendingApplication,
    sendingFacility: own.sendingFacility ?? null,
    receivingApplication: own.receivingApplication,
    receivingFacility: own.receivingFacility,
    processingId: own.processingId,
    patientAuthority: [namespace, universalId, universalIdType],
    patientIdType: own.patientIdType ?? defaults.patientIdType,
    codedType: own.codedType ?? defaults.codedType,
    offset: own.offset ?? defaults.offset,
    unit: own.unit ?? defaults.unit,
    notes: own.notes ?? defaults.notes,
    sil2r: own.sil2r,
    flags: own.flags,
    picture: own.picture.send,
    pdf: own.pdf,
    largestAttachment: own.picture.maxKiB * 1024,
    codes: own.codes,
    run: own.run ?? defaults.run,
    resultType: own.resultType ?? defaults.resultType,
    software: own.software ?? defaults.software,
    workOrder: defaults.workOrder,
  };
}

/** `髙高`: the first character, and what replaces it. */
function pairOf(text: string): [missing: string, by: string] {
  const [missing = '', ...by] = text;
  return [missing, by.join('')];
}

/** Original mode asks for nothing, or, where the profile wants it said, for the application's answer alone. */
function acknowledgements(
  mode: Destination['acknowledge'],
  defaults: Defaults,
): MessageOptions['acknowledgements'] {
  switch (mode) {
    case 'original':
      return defaults.acknowledgements;
    case 'commit':
      return ['AL', 'NE'];
    case 'enhanced':
      return ['AL', 'AL'];
  }
}
