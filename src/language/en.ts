import type { Refusal } from '../result/refusal.ts';
import { queueEn } from './queue-en.ts';
import type { Words } from './words.ts';

const UNITS = { s: 's', min: 'min', h: 'h', days: 'days' } as const;

export const en: Words = {
  language: 'en',
  statuses: { pass: 'pass', review: 'review', fail: 'fail' },
  tiers: { low: 'low', intermediate: 'intermediate', high: 'high' },
  dispositions: { released: 'released', held: 'held', rejected: 'rejected', control: 'control' },
  entryStates: { queued: 'queued', delivered: 'delivered', held: 'held', dropped: 'dropped' },
  folderStates: {
    starting: 'starting',
    available: 'available',
    unavailable: 'unavailable',
    hanging: 'hanging',
  },
  common: {
    configUnusable: 'the configuration cannot be used:',
    noAccession: 'no accession',
    noValue: 'no value',
    builtIn: 'built-in defaults',
    unknown: 'unknown',
    age: (count, unit) => `${count} ${UNITS[unit]}`,
    risk: (cv, tier, region) => `Cv ${cv} ${tier}${region === null ? '' : ` ${region}`}`,
  },
  status: {
    notRunning: 'raisingd does not run',
    running: (pid, since) => `raisingd runs, process ${pid}, since ${since}`,
    state: (age, version, config) => `  state of ${age} ago, version ${version}, config ${config}`,
    folder: (folder, state, detail, files, unfinished) =>
      `folder ${folder}: ${state}${detail === '' ? '' : ` (${detail})`}, ${files} traces, ${unfinished} not finished`,
    notRead: (path, detail) => `  not read: ${path}: ${detail}`,
    worklist: (rows) => `worklist: ${rows} orders`,
    lisUp: (name) => `lis ${name}: up`,
    lisDown: (name, since, outcome) => `lis ${name}: down since ${since} (${outcome})`,
    alarm: (key, text, age) => `alarm ${key}: ${text}, for ${age}`,
    queue: (destination, queued, oldest, held) =>
      `queue ${destination}: ${queued} unacknowledged${oldest === null ? '' : `, the oldest for ${oldest}`}; ${held} held`,
    queueEmpty: 'queue: nothing waits',
    restored: (at, backup, madeAt) =>
      `restored: at ${at} from ${backup}, as it was at ${madeAt}; what it had queued was held`,
    held: (held, waiting) => `held results: ${held}; ${waiting} more wait for sIL-2R or a control`,
    heldOne: (key, accession, file, age) => `  ${key}  ${accession}  ${file}  for ${age}`,
    lastDay: (files, { pass, review, fail }, { low, intermediate, high }, delivered) =>
      `last 24 hours: ${files} files; ${pass} pass, ${review} review, ${fail} fail; ` +
      `released ${low} low, ${intermediate} intermediate, ${high} high; ${delivered} delivered`,
    latency: (median, p95) => `from file to acknowledgement: half within ${median} s, 95 % within ${p95} s`,
  },
  review: {
    nothingWaits: 'nothing waits for a person',
    refused: refusalInEnglish,
    stillHeld: (key, reasons) => `${key} is still held: ${reasons}`,
    since: (disposition, at) => `${disposition} since ${at}`,
    waitsUntil: (at) => `, waits until ${at}`,
    interval: (interval) => `interval ${interval ?? 'none'}`,
    picture: (path) => `picture ${path}`,
    noPicture: (why) => `no picture: ${why}`,
    version: (version, at, disposition, report, by) =>
      `version ${version}, ${at}: ${disposition}${report === null ? '' : ` as ${report}`} by ${by}`,
    lisKeeps: (key, risk, report) =>
      `${key}  the LIS still has ${risk}, sent as ${report}; raisingd review withdraw ${key} takes it back`,
    heldInstead: (reasons) => `is held: ${reasons}`,
    takesItsPlace: (sent) => `takes its place: ${sent}`,
    sentTo: (controlId, destination) => `${controlId} to ${destination}`,
    nothingSent: 'nothing is sent',
    untold: (key, destination) =>
      `${key}  ${destination} has it too, and is not told: it is not configured any more (lis[].formerly)`,
  },
  queue: queueEn,
  score: {
    noSample: 'no sample name',
    noCv: (status) => `no Cv, ${status}`,
    verdict: (cv, low, high, tier, status) =>
      `Cv ${cv} (90 % interval ${low}-${high}), tier ${tier}, ${status}`,
    picture: (path) => `    picture: ${path}`,
    noSuchFile: (path) => `${path}: there is no such file or folder`,
    cannotList: (path, detail) => `${path}: cannot be listed: ${detail}`,
    noTraces: (path, endings) => `${path}: no file ends in ${endings.join(' or ')}`,
    tooLarge: (bytes, maxMiB) => `${bytes} bytes are more than watch.maxFileMiB (${maxMiB}) allows`,
    beingWritten: 'it is being written; try again when it is complete',
    gone: 'there is no such file',
    notAFile: 'it is a link, a FIFO or a device, not a file',
    unreadable: (code) => `it cannot be read (${code})`,
  },
  check: {
    faults: (count) => `${count} ${count === 1 ? 'fault' : 'faults'}`,
    labels: {
      config: 'config',
      data: 'data',
      assay: 'assay',
      cutoffs: 'cut-offs',
      watch: 'watch',
      worklist: 'worklist',
      lis: 'lis',
      warning: 'warning',
      valid: 'valid',
    },
    from: (id, file, version) => `${id} from ${file} (${version})`,
    cutoffs: (intermediate, high, sil2r, version) =>
      `Cv ${intermediate} and ${high}, sIL-2R ${sil2r} (${version})`,
    noWorklist: 'none: results are sent under their accession alone',
    destination: (name, transport, processingId) => `${name}: ${transport}, processing id ${processingId}`,
    noWarnings: 'no warnings',
    warnings: (count) => `${count} warning${count === 1 ? '' : 's'}`,
  },
  demo: {
    title: (version) => `raisingd ${version} demo. Simulated samples; research use only.`,
    folder: 'watched folder',
    lis: 'test LIS',
    received: (address, file) => `${address}, what it received: ${file}`,
    log: 'log',
    header: ['file', 'sample', 'status', 'Cv', 'tier', 'region', 'message id', 'ACK'],
    control: 'control, not sent',
    held: (codes) => `held: ${codes}`,
    noLis: 'scored, no LIS configured',
  },
  restore: {
    runs: (dataDir) => `the service runs on ${dataDir}: stop it first`,
    sound: (backup, at) =>
      `${backup} is sound, and its audit log whole. The last thing that it knows is of ${at}.`,
    waited: (queued, held) => `It has ${queued} messages that waited, and ${held} results that were held.`,
    nothingSince: 'The database has done nothing since.',
    unknownSince: (why) => `What was done since cannot be told: ${why}`,
    since: (events, released) =>
      `The database has recorded ${events} things since, ${released} of them released results; they will be forgotten.`,
    decisions: 'What people decided meanwhile will have to be decided again:',
    nobodyToAsk: 'nobody can be asked here: use --yes',
    question: 'Replace the database by this copy? Write yes: ',
    yes: 'yes',
    nothingChanged: 'nothing was changed',
    done: 'The copy is in place.',
    aside: (folder) => `The replaced database is in ${folder}; raisingd restore puts it back.`,
    messagesHeld: (count) => [
      `${count} messages are held (raisingd queue list). Where the LIS lacks one, queue retry sends the same bytes`,
      'with the same MSH-10; where it has a later one of that result, queue drop.',
    ],
    tracesHeld: [
      'Traces that the copy does not know and that were written before the restore, or in the hour after it (clocks of',
      'shares differ), are held as RESTORED (raisingd review list). Released, they have the same OBR-3 as before, so the',
      'LIS shows one result. Compare with the LIS first: what was corrected or withdrawn since must not go out as it was.',
    ],
  },
  retention: {
    classes: { figures: 'figures', messages: 'messages', analyses: 'analyses' },
    kept: (count, oldest) => `${count}${oldest === null ? '' : `, the oldest of ${oldest}`}; kept for good`,
    due: (due, days, before, kib, dry, kept, oldest) =>
      `${due} older than ${days} days (before ${before}), ${kib} KiB: ${dry ? 'would be removed' : 'removed'}; ` +
      `${kept} stay${oldest === null ? '' : `, the oldest of ${oldest}`}`,
  },
  control: {
    noRun: 'no run',
    kinds: { positive: 'positive', negative: 'negative', other: 'other' },
    verdicts: { passed: 'passed', failed: 'failed', 'not-judged': 'not-judged' },
  },
  cutoffs: {
    since: (version, hash, at, by, reason) => `v${version}  ${hash}  since ${at} by ${by}: ${reason}`,
    notInForce: (hash) => `in the configuration, not in force  ${hash}`,
    values: (intermediate, high, sil2r, source) =>
      `Cv ${intermediate} and ${high}, sIL-2R ${sil2r} (${source})`,
    inForceAlready: 'these cut-offs are in force already',
    inForce: (version, hash, values) => `v${version}  ${hash}  in force for new results: ${values}`,
    wouldMove: (moved, all) => `${moved} of ${all} reported results would change tier or region`,
    nothingChanged: 'nothing was changed; --yes sends these results corrected',
    corrected: (results, messages) => `${results} results corrected, ${messages} messages queued`,
    decideFirst: (key) => `${key}  held: decide first (raisingd review show ${key})`,
  },
  orders: {
    nothing: 'nothing came',
    nothingSaid: (accession) => `nothing was said of ${accession}; raisingd orders list shows what came`,
    order: 'order',
    inDoubt: 'in doubt',
    noTrace: 'no trace yet',
    unmatched: (sil2r, whose, origin) => `unmatched  sIL-2R ${sil2r}  ${whose}  ${origin}`,
    specimen: (accession) => `specimen ${accession}`,
    patient: (id) => `patient ${id}`,
    refused: (type, message, sender, answer, problem, times, last) =>
      `refused  ${type}  message ${message} from ${sender}  ${answer}  ${problem}  ${times} times, last ${last}`,
    takenInPart: (type, message, sender, remarks) =>
      `taken in part  ${type}  message ${message} from ${sender}  ${remarks}`,
    noOrderNumber: 'no order number',
    orderNumber: (order) => `order ${order}`,
    categories: {
      carrier: 'carrier',
      ham: 'ham',
      smoldering: 'smoldering',
      chronic: 'chronic',
      acute: 'acute',
      lymphoma: 'lymphoma',
      unknown: 'unknown',
    },
    unknownCodes: (category, codes) => `${category} (codes ${codes} mean no one category)`,
    sil2r: (value) => `sIL-2R ${value}`,
    unknownSil2r: 'unknown',
    tooOld: (sil2r, days, maxDays) =>
      `; not used: ${sil2r} is ${days} days from collection, ${maxDays} are allowed`,
    undated: (sil2r) => `; not used: ${sil2r} has no date`,
    noOrder: 'no order is known',
    by: (field, source, origin, at) => `  ${field} by ${source}: ${origin}, ${at}`,
    history: 'all that was said, in order:',
  },
  audit: {
    whole: (rows, head) => `${rows} rows, none was changed; head ${head}`,
    broken: (row, found) => `row ${row}: ${found}`,
  },
};

function refusalInEnglish(why: Refusal): string {
  switch (why.kind) {
    case 'no-result':
      return `there is no result ${why.key}; raisingd review list shows them`;
    case 'no-trace':
      return `result ${why.key} has no trace whose SHA-256 begins with ${why.sha256}`;
    case 'not-held': {
      const is = `result ${why.key} is ${why.disposition}, not held`;
      return why.wish === 'release' ? is : `${is}; raisingd review withdraw takes back what was sent`;
    }
    case 'no-value':
      return `the trace of ${why.key} has no value: it can be rejected, and never released`;
    case 'whose':
      return `${why.codes.join(', ')}: nobody can tell whose result ${why.key} is; correct the names and export it again`;
    case 'look-again':
      return `nothing was sent: ${why.codes.join(', ')} stands against ${why.key} by now; look again: raisingd review show ${why.key}`;
    case 'nothing-sent':
      return `the LIS has no value of result ${why.key}`;
    case 'unwritable':
      return `nothing was changed: ${why.detail}`;
  }
}
