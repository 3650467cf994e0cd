/**
 * Every kind of alert. `means` and `remedy` are the rows of the table in docs/operations.md. `lapseHours`: after so
 * long an episode is no longer followed, because nothing may ever tell that it is over.
 */
export interface AlertKindFacts {
  readonly means: string;
  readonly remedy: string;
  /** Passes quiet hours unless the configuration says otherwise. */
  readonly urgent: boolean;
  readonly lapseHours?: number;
}

const WEEK_HOURS = 7 * 24;

export const ALERT_KINDS = {
  start: {
    means: 'the service cannot start, or ended because of an error',
    remedy: '`raisingd doctor`; the log says what was found, and what to do',
    urgent: true,
  },
  config: {
    means: 'a changed configuration was refused; the running one stays',
    remedy: '`raisingd check` names each fault',
    urgent: false,
  },
  lis: {
    means: 'a destination cannot be reached, or does not answer',
    remedy: '`raisingd doctor`, then the LIS team: results wait and go out by themselves',
    urgent: true,
  },
  unsent: {
    means: 'the oldest message of a destination has waited for `alerts.unsentMinutes`',
    remedy: '`raisingd queue list`: the destination is down, slow, or puts messages off',
    urgent: true,
  },
  held: {
    means: 'the LIS refused messages, and they wait for a person',
    remedy: '`raisingd queue list` and `queue show`; mend the cause, then `queue retry` or `queue drop`',
    urgent: false,
  },
  damaged: {
    means: 'the bytes of a message are not those that were recorded; it is not sent',
    remedy: '`raisingd doctor`; then restore a backup (below)',
    urgent: true,
    lapseHours: WEEK_HOURS,
  },
  queue: {
    means: 'messages wait for a destination that is not configured any more',
    remedy: '`raisingd queue move --from NAME --to NAME`, or configure it again',
    urgent: false,
  },
  forgotten: {
    means: 'a destination that has results is not configured any more: no correction goes there',
    remedy: '`lis[].formerly` at the destination that it has become; where that LIS is gone, leave it',
    urgent: false,
    lapseHours: WEEK_HOURS,
  },
  review: {
    means: 'a held result has waited for a person for `alerts.heldHours`',
    remedy: '`raisingd review list`, then `review release` or `review reject`',
    urgent: false,
  },
  control: {
    means: 'a control failed; the results of its run are held',
    remedy: 'repeat the control: the run is released when it passes',
    urgent: false,
    lapseHours: WEEK_HOURS,
  },
  file: {
    means: 'a file in a watched folder cannot be used',
    remedy: '`raisingd status` names it; have the instrument export it again',
    urgent: false,
  },
  folder: {
    means: 'a watched folder or the worklist folder is away or does not answer',
    remedy: '`raisingd doctor`, then the share and its server: what is in it is taken when it is back',
    urgent: true,
  },
  disk: {
    means: 'the database cannot be written; scoring waits, delivery goes on',
    remedy: 'free space on the disk of `dataDir`; it goes on by itself',
    urgent: true,
  },
  outbox: {
    means: 'what became of messages cannot be noted; delivery waits',
    remedy: 'free space on the disk of `dataDir`; it goes on by itself',
    urgent: true,
  },
  space: {
    means: 'less than `alerts.freeMiB` is free on the disk of `dataDir`',
    remedy: 'free space; old backups may go to another disk (`upkeep.backup.folder`)',
    urgent: false,
  },
  clock: {
    means: 'the clock of this machine is not synchronised, or has jumped',
    remedy: '`timedatectl`; set up chrony or systemd-timesyncd with a time server of the hospital',
    urgent: false,
  },
  certificate: {
    means: 'a certificate has expired or soon will, or a key does not fit',
    remedy: 'renew the file; it is read again at the next connection',
    urgent: false,
  },
  backup: {
    means: 'no verified copy of the database was made',
    remedy: 'the text says why: room on the disk, rights on the folder, or a damaged database',
    urgent: false,
  },
  job: {
    means: 'another job (retention, summary, certificates, audit) failed',
    remedy: 'the text says why; it runs again at its next time',
    urgent: false,
  },
  audit: {
    means: 'the audit log is not whole: rows were changed or are missing',
    remedy: '`raisingd audit verify`; keep the database as it is, and find out who wrote to it',
    urgent: true,
  },
  summary: {
    means: 'no alarm: what happened in the last day or week (`upkeep.summary`, `upkeep.weekly`)',
    remedy: '`raisingd status` tells how things are now',
    urgent: false,
  },
  orders: {
    means: 'orders cannot be listened for, or cannot be stored',
    remedy: 'another program has the port, or the disk is full; senders repeat what they sent',
    urgent: true,
  },
  lookup: {
    means: 'the server that is asked about accessions fails',
    remedy: 'its team, or `lookup.tokenFile`; results that need no look-up go on',
    urgent: false,
  },
} as const satisfies Readonly<Record<string, AlertKindFacts>>;

export type AlertKind = keyof typeof ALERT_KINDS;

/** What an episode is about: a kind, and where there may be several of it, which, such as `lis:main`. */
export type AlertKey = AlertKind | `${AlertKind}:${string}`;

export const ALERT_KIND_NAMES = Object.keys(ALERT_KINDS) as readonly AlertKind[];

export function isAlertKind(text: string): text is AlertKind {
  return Object.hasOwn(ALERT_KINDS, text);
}

export function kindOf(key: AlertKey): AlertKind {
  const [kind = ''] = key.split(':', 1);
  if (!isAlertKind(kind)) throw new Error(`no kind of alert: ${key}`);
  return kind;
}

/** The part behind the kind; empty where there is none. */
export function subjectOf(key: AlertKey): string {
  const at = key.indexOf(':');
  return at < 0 ? '' : key.slice(at + 1);
}
