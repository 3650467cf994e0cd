import type { Notice } from './due.ts';
import { ALERT_KINDS, kindOf, type AlertKind } from './kinds.ts';
import { endingOf, lineOf } from './words.ts';

/** One message to people, however many notices are in it. Never holds what could name a patient. */
export interface AlertMessage {
  /** One line: what a subject or a notification shows. */
  readonly title: string;
  /** One for each notice. */
  readonly lines: readonly string[];
  /** What to do about it, a sentence for each kind of what began. */
  readonly remedies: readonly string[];
  readonly notices: readonly Notice[];
  readonly at: Date;
  readonly from: Sender;
}

/** Who speaks: a hospital may run several. */
export interface Sender {
  /** site.facility. */
  readonly facility: string;
  readonly host: string;
  readonly timeZone: string;
}

/** More lines than that nobody reads. */
const MOST_LINES = 20;

export function composeAlert(notices: readonly Notice[], from: Sender, at: Date): AlertMessage {
  const lines = notices.map((notice) => lineOf(notice, from.timeZone));
  const [first = '', ...others] = lines;
  const kinds = new Set<AlertKind>(
    notices.filter(({ event }) => event !== 'ended').map(({ episode }) => kindOf(episode.key)),
  );
  const shown = lines.slice(0, MOST_LINES);
  if (lines.length > shown.length)
    shown.push(`… and ${lines.length - shown.length} more: raisingd alerts list`);
  return {
    title: others.length === 0 ? first : `${lines.length} alerts: ${first}`,
    lines: shown,
    remedies: [...kinds].map((kind) => ALERT_KINDS[kind].remedy.replaceAll('`', '')),
    notices,
    at,
    from,
  };
}

/** What `raisingd alerts test` sends. */
export function testAlert(from: Sender, at: Date): AlertMessage {
  const line = 'This is a test of raisingd: alerts arrive here';
  return { title: line, lines: [line], remedies: [], notices: [], at, from };
}

/** For programs. `event` is `raised`, `cleared`, or, of what is over already or has no end, `passed`. */
export function asJson({ title, lines, notices, at, from }: AlertMessage): object {
  const EVENTS = { begun: 'raised', ended: 'cleared', passed: 'passed', happened: 'passed' } as const;
  return {
    service: 'raisingd',
    facility: from.facility,
    host: from.host,
    at: at.toISOString(),
    text: notices.length > 1 ? lines.join('\n') : title,
    alerts: notices.map(({ event, episode }) => ({
      event: EVENTS[event],
      kind: kindOf(episode.key),
      key: episode.key,
      text: (event === 'ended' ? endingOf(episode) : null) ?? episode.text,
      since: episode.since,
      until: episode.ended?.at ?? null,
    })),
  };
}

/** An incoming webhook of Slack, Mattermost and their like. */
export function asSlack(message: AlertMessage): object {
  const escape = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const body = message.lines.map((line) => `• ${line}`).join('\n');
  const remedies = message.remedies.map((remedy) => `_${remedy}_`).join('\n');
  return {
    text: escape([`*${signature(message)}*`, body, remedies].filter((part) => part !== '').join('\n')),
  };
}

/** An adaptive card, as a Teams workflow ("when a webhook request is received") takes it. */
export function asTeams(message: AlertMessage): object {
  const block = (text: string, more: object = {}): object => ({
    type: 'TextBlock',
    text,
    wrap: true,
    ...more,
  });
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            block(signature(message), { weight: 'Bolder' }),
            ...message.lines.map((line) => block(line)),
            ...message.remedies.map((remedy) => block(remedy, { isSubtle: true })),
          ],
        },
      },
    ],
  };
}

/** Subject and plain text of a mail. */
export function asMail(message: AlertMessage): { readonly subject: string; readonly text: string } {
  const { title, lines, remedies, from } = message;
  const todo = remedies.length === 0 ? [] : ['', 'What to do:', ...remedies.map((remedy) => `  ${remedy}`)];
  const end = ['', `raisingd, ${from.facility}, on ${from.host}. Times are of ${zoneName(from)}.`];
  return {
    subject: `[raisingd ${from.facility}] ${title}`,
    text: [...lines, ...todo, ...end, ''].join('\n'),
  };
}

function signature({ from }: AlertMessage): string {
  return `raisingd ${from.facility} (${from.host})`;
}

function zoneName({ timeZone }: Sender): string {
  return timeZone === 'system' ? "this machine's time zone" : timeZone;
}
