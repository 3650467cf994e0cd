import { duration } from '../alerts/words.ts';
import { readBook } from '../alerts/book-file.ts';
import type { Config } from '../config/schema.ts';
import { readState } from '../state-file.ts';
import { lockHolder } from '../store/lock.ts';
import { fail, ok, warn, type Finding } from './finding.ts';

const AREA = 'service';
/** It is written every two seconds. */
const OLD_STATE_MS = 30_000;

/** Whether the service runs, with this configuration, and what it says itself: it may see a folder otherwise than we. */
export function serviceFindings(dataDir: string, hash: string, now: Date): Finding[] {
  const holder = lockHolder(dataDir);
  if (holder === null)
    return [warn(AREA, 'it does not run', 'systemctl start raisingd; journalctl -u raisingd')];
  const found = [
    ok(AREA, `it runs, process ${holder.pid ?? 'unknown'}, since ${holder.startedAt ?? 'unknown'}`),
  ];
  const state = readState(dataDir);
  if (state === null)
    return [...found, warn(AREA, 'it has not told its state', 'Wait a little and try again.')];
  const age = now.getTime() - Date.parse(state.at);
  if (age > OLD_STATE_MS)
    found.push(
      fail(
        AREA,
        `its state is ${duration(age)} old`,
        'It hangs, or its disk is full: journalctl -u raisingd',
      ),
    );
  if (state.config.hash !== hash)
    found.push(warn(AREA, 'it runs with another configuration than this file', 'systemctl reload raisingd'));
  for (const { folder, state: is, detail } of state.folders)
    if (is === 'unavailable' || is === 'hanging')
      found.push(
        fail(
          AREA,
          `it finds ${folder} ${is}: ${detail}`,
          'Look at the share, and at the rights of the service.',
        ),
      );
  return found;
}

/** Whether anybody would be called, and what calls for a person now, from the file that the service keeps. */
export function alertFindings({ dataDir, alerts }: Config, now: Date): Finding[] {
  const { channels } = alerts;
  const reach =
    channels.length === 0
      ? warn(
          'alert',
          'alerts.channels is empty: what goes wrong is only logged',
          'Name a webhook or a mailbox.',
        )
      : ok('alert', `${channels.map(({ name }) => name).join(', ')}; raisingd alerts test tries them`);
  const open = readBook(dataDir).book.episodes.filter(({ ended }) => ended === null);
  const lasting = open.map(({ key, text, since }) =>
    warn(
      'alert',
      `${key} for ${duration(now.getTime() - Date.parse(since))}: ${text}`,
      'raisingd alerts list',
    ),
  );
  return [reach, ...lasting];
}
