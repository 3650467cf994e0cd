import { z } from 'zod';
import { alerts } from './alerts.ts';
import { context } from './context.ts';
import { destinations } from './destination.ts';
import { listen } from './listen.ts';
import { lookup } from './lookup.ts';
import { orders } from './orders.ts';
import { approval, controls, release } from './release.ts';
import { upkeep } from './upkeep.ts';
import { accessionPattern, isMapping, name, path, seconds, timeZone } from './values.ts';

const site = z.strictObject({
  facility: name.default('SEQROOM').describe('MSH-4, the name of the laboratory or room.'),
  timeZone: timeZone
    .default('system')
    .describe('Zone of the instrument clock and of every time sent; "system" is the zone of this machine.'),
  language: z.enum(['en', 'ja']).default('en').describe('Language of the comments in messages.'),
  commandLanguage: z
    .enum(['auto', 'en', 'ja'])
    .default('auto')
    .describe('Language in which commands speak; auto: that of LC_ALL, LC_MESSAGES or LANG.'),
});

const watch = z.strictObject({
  folders: z
    .array(path)
    .default([])
    .describe('Folders that sequencers write into; read only, with subfolders.'),
  extensions: z
    .array(z.string().regex(/^\.\w+$/, 'must look like .ab1'))
    .min(1)
    .default(['.ab1', '.abi'])
    .describe('File name endings that are looked at, in any case.'),
  scanSeconds: seconds
    .default(10)
    .describe('Seconds between full scans; a scan is the truth, an event only a hint.'),
  quietSeconds: seconds
    .default(2)
    .describe('Seconds for which size, time and content must stay the same before a file is taken.'),
  polling: z
    .boolean()
    .default(false)
    .describe('Poll instead of listening for events: for SMB and NFS shares.'),
  maxFileMiB: z
    .number()
    .positive()
    .max(256)
    .default(10)
    .describe('MiB; a larger file is reported as FILE_TOO_LARGE and not read.'),
  giveUpMinutes: z
    .number()
    .positive()
    .max(10_080)
    .default(30)
    .describe('Minutes without any change after which an incomplete file is reported as INCOMPLETE_FILE.'),
});

const accession = z.strictObject({
  fromSample: accessionPattern
    .default('^(?<accession>[A-Za-z0-9][A-Za-z0-9-]*)')
    .describe('How the sample name (SMPL) holds the accession.'),
  fromFile: accessionPattern
    .default('^(?<accession>[A-Za-z0-9][A-Za-z0-9-]*)')
    .describe('How the file name holds the accession.'),
});

const worklist = z.strictObject({
  folder: path.describe('Folder whose .csv files give order, patient, category and sIL-2R by accession.'),
  scanSeconds: seconds.default(10).describe('Seconds between looks at the folder.'),
});

/** Compared with the reported Cv, so a third decimal could not mean what it says. */
const cutoffOfCv = z
  .number()
  .gt(0)
  .max(1)
  .refine((cutoff) => Number(cutoff.toFixed(2)) === cutoff, {
    error: 'must have at most two decimals, as the reported Cv has',
  });

const cutoffs = z.strictObject({
  cv: z
    .strictObject({
      intermediate: cutoffOfCv
        .default(0.25)
        .describe('Lowest reported Cv of the intermediate tier; no unit, two decimals.'),
      high: cutoffOfCv
        .default(0.5)
        .describe('Lowest reported Cv of the high tier, and of regions R2 and R4; no unit, two decimals.'),
    })
    .refine((cv) => !(cv.high <= cv.intermediate), {
      path: ['high'],
      error: 'must be above cutoffs.cv.intermediate',
      when: isMapping,
    })
    .prefault({}),
  sil2r: z
    .strictObject({
      high: z
        .number()
        .positive()
        .default(1000)
        .describe('sIL-2R at or above which regions R3 and R4 begin, U/mL.'),
      unit: z.literal('U/mL').default('U/mL').describe('The only unit for which a cut-off is published.'),
    })
    .prefault({}),
  approval,
  source: name
    .default(
      'Saito et al., Haematologica 2025, doi 10.3324/haematol.2025.287521 (transferred; equivalence to CLOVA not established)',
    )
    .describe('Where the cut-offs come from; recorded with each result.'),
});

const log = z.strictObject({
  level: z
    .enum(['error', 'warn', 'info', 'debug'])
    .default('info')
    .describe('What is logged: this and everything graver.'),
  file: path
    .optional()
    .describe('Also write JSON lines to this file; rotate it with logrotate (copytruncate).'),
});

/** The whole configuration. Every key has a unit, a default and a remedy; unknown keys are faults. */
export const configSchema = z.strictObject({
  $schema: z.string().optional().describe('For editors only.'),
  dataDir: path.describe('Folder of the database, its backups and the lock.'),
  site: site.prefault({}),
  watch: watch.prefault({}),
  assay: path.optional().describe('Assay file; default: the bundled HTLV-1 assay.'),
  calibration: path
    .optional()
    .describe("The site's calibration, written by `raisingd calibrate`; default: none."),
  accession: accession.prefault({}),
  controls: controls.prefault({}),
  release: release.prefault({}),
  worklist: worklist.optional(),
  orders: orders.optional(),
  lookup: lookup.optional(),
  context: context.prefault({}),
  cutoffs: cutoffs.prefault({}),
  comments: path
    .optional()
    .describe("Folder of the site's own comment texts (en.yaml, ja.yaml); default: the bundled ones."),
  lis: destinations.default([]).describe('Where results go. With none, results are scored and kept.'),
  upkeep: upkeep.prefault({}),
  alerts: alerts.prefault({}),
  listen: listen.prefault({}),
  log: log.prefault({}),
});

export type Config = z.output<typeof configSchema>;
export type Destination = Config['lis'][number];
/** What judges a value: the cut-offs without the rule by which they are changed. */
export type Cutoffs = Omit<Config['cutoffs'], 'approval'>;
