import axios from 'axios';
import type { ChannelConfig } from '../config/alerts.ts';
import { secretLine, type SendAlert } from './sending.ts';
import { asJson, asSlack, asTeams, type AlertMessage } from './message.ts';
import { wordsOf } from '../platform/words-of.ts';

type Webhook = NonNullable<ChannelConfig['webhook']>;

const FORMATS: Readonly<Record<Webhook['format'], (message: AlertMessage) => object>> = {
  json: asJson,
  slack: asSlack,
  teams: asTeams,
};

/** The URL may be a secret: neither it nor axios's error, which quotes it, is passed on. */
export function webhookSender({ url, urlFile, format }: Webhook, limitMs: number): SendAlert {
  return async (message, signal) => {
    try {
      const target = urlFile === undefined ? (url ?? '') : await secretLine('webhook.urlFile', urlFile);
      if (!/^https?:/i.test(target) || !URL.canParse(target)) throw new Error('webhook.urlFile holds no URL');
      await axios.post(target, FORMATS[format](message), {
        // axios's own time limit begins only once there is a connection.
        signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
        maxRedirects: 0,
        maxContentLength: 65_536,
        responseType: 'text',
      });
      return { kind: 'sent' };
    } catch (error) {
      const late = signal.aborted ? 'stopped before an answer' : `no answer within ${limitMs} ms`;
      return { kind: 'failed', problem: problemOf(error, late) };
    }
  };
}

function problemOf(error: unknown, late: string): string {
  if (!axios.isAxiosError(error)) return wordsOf(error);
  if (error.response !== undefined) return `HTTP ${error.response.status}`;
  return error.code === 'ERR_CANCELED' ? late : (error.code ?? error.name);
}
