import { z } from 'zod';
import { ALERT_KIND_NAMES, ALERT_KINDS } from '../alerts/kinds.ts';
import { count, isMapping, name, path } from './values.ts';

const kind = z.enum(ALERT_KIND_NAMES);

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as "22:00", in quotes');

const webhook = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
      .optional()
      .meta({ writeOnly: true })
      .describe('URL that gets a POST for each message. Where it holds a secret, use urlFile.'),
    urlFile: path.optional().describe('File whose one line is that URL; read again for every message.'),
    format: z
      .enum(['json', 'slack', 'teams'])
      .default('json')
      .describe('json: for programs. slack: Slack, Mattermost and their like. teams: an adaptive card.'),
  })
  .optional()
  .meta({ writeOnly: true })
  .describe('An HTTP POST for each message.');

const email = z
  .strictObject({
    host: name.describe('Host name or address of the mail server.'),
    port: z.int().min(1).max(65_535).default(587).describe('Its TCP port.'),
    security: z
      .enum(['starttls', 'tls', 'none'])
      .default('starttls')
      .describe(
        'starttls: encrypted, or not sent. tls: encrypted from the start (port 465). none: clear text.',
      ),
    ca: path
      .optional()
      .describe('PEM file of the authorities that may sign its certificate; default: the public ones.'),
    user: name.optional().describe('User name, where the mail server asks for one; needs passwordFile.'),
    passwordFile: path
      .optional()
      .describe('File whose one line is the password; read again for every message.'),
    from: z.email().describe('Sender address.'),
    to: z.array(z.email()).min(1).describe('Who gets the messages.'),
  })
  .optional()
  .describe('A mail by SMTP for each message.');

const channel = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,40}$/, 'must be 1 to 40 letters, digits, - or _')
    .describe('Name of this channel in lists and logs; unique.'),
  webhook,
  email,
  quiet: z
    .strictObject({
      from: timeOfDay.describe('Beginning, HH:MM in site.timeZone.'),
      to: timeOfDay.describe('End, HH:MM in site.timeZone; before `from`: on the next day.'),
    })
    .optional()
    .describe('Hours without messages but for urgent ones; what still lasts at their end is told then.'),
});

const channels = z
  .array(channel)
  .superRefine(
    (entries, context) => {
      const names = entries.map((entry) => entry.name);
      names.forEach((text, index) => {
        if (names.indexOf(text) < index)
          context.addIssue({ code: 'custom', path: [index, 'name'], message: 'is used by another channel' });
      });
    },
    { when: ({ value }) => Array.isArray(value) && value.every((entry) => isMapping({ value: entry })) },
  )
  .default([])
  .describe('Where alerts go besides the log. Never patient data.');

/** Who is called, and for what. The kinds of alerts are in docs/operations.md. */
export const alerts = z.strictObject({
  channels,
  unsentMinutes: z
    .number()
    .positive()
    .max(100_000)
    .default(30)
    .describe('Minutes for which a message may wait for its destination before somebody is called.'),
  heldHours: z
    .number()
    .positive()
    .max(10_000)
    .default(4)
    .describe('Hours for which a held result may wait for a person before somebody is called.'),
  freeMiB: count.default(1024).describe('MiB that should be free on the disk of dataDir.'),
  off: z.array(kind).default([]).describe('Kinds of alerts that are only logged.'),
  urgent: z
    .array(kind)
    .default(ALERT_KIND_NAMES.filter((one) => ALERT_KINDS[one].urgent))
    .describe('Kinds of alerts that pass quiet hours.'),
});

export type AlertsConfig = z.output<typeof alerts>;
export type ChannelConfig = AlertsConfig['channels'][number];
