import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { onTestFinished } from 'vitest';
import type { Machine } from '../../src/platform/machine.ts';

/** A clock that runs, and that is set forward to the hours of a scripted day; time and elapsed time go together. */
export function dayClock(start: string) {
  let offset = Date.parse(start) - performance.now();
  let wall = 0;
  const elapsed = (): number => performance.now() + offset;
  return {
    now: () => new Date(elapsed() + wall),
    elapsed,
    to(time: string): void {
      offset = Date.parse(time) - performance.now() - wall;
    },
    /** Somebody sets the clock of the machine: no time has passed. */
    jump(minutes: number): void {
      wall += minutes * 60_000;
    },
  };
}

/** The machine as the day has it. */
export function dayMachine(): Machine & { free: number; synchronised: boolean } {
  const machine = {
    free: 50_000,
    synchronised: true,
    freeBytes: () => Promise.resolve(machine.free * 2 ** 20),
    clockSynchronised: () => Promise.resolve(machine.synchronised),
  };
  return machine;
}

interface Posted {
  readonly alerts: readonly { readonly event: string; readonly key: string }[];
  readonly text: string;
}

/** Where the alerts arrive: a webhook and a mailbox, each message as its lines. */
export async function receivers() {
  const posts: string[][] = [];
  const mails: string[][] = [];
  const raw: string[] = [];
  const web = createServer((request, response) => {
    void text(request).then((body) => {
      raw.push(body);
      posts.push((JSON.parse(body) as Posted).text.split('\n'));
      response.end();
    });
  });
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  const mail = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, _, done) {
      void text(stream).then((message) => {
        raw.push(message);
        const body = message.slice(message.indexOf('\r\n\r\n') + 4).replaceAll('=\r\n', '');
        const end = body.search(/\r\n(What to do|raisingd, )/);
        mails.push(body.slice(0, end).trim().split('\r\n'));
        done();
      });
    },
  });
  mail.listen(0, '127.0.0.1');
  await once(mail.server, 'listening');
  onTestFinished(async () => {
    web.closeAllConnections();
    web.close();
    await new Promise<void>((resolve) => mail.close(resolve));
  });
  const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;
  return {
    ...{ posts, mails, raw },
    channels: [
      { name: 'screen', webhook: { url: `http://127.0.0.1:${portOf(web)}/` } },
      {
        name: 'mail',
        email: {
          ...{ host: '127.0.0.1', port: portOf(mail.server), security: 'none' },
          ...{ from: 'raisingd@example.org', to: ['lab@example.org'] },
        },
        quiet: { from: '22:00', to: '07:00' },
      },
    ],
  };
}

/** Certificates that end in January 2026 and in January 2036; nobody has their keys. */
export const ENDS_SOON = `-----BEGIN CERTIFICATE-----
MIIBZTCCAQygAwIBAgIBATAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAtob3NwaXRh
bC1jYTAeFw0yNjAxMTkxMjAwMDBaFw0yNjAxMjAxMjAwMDBaMA4xDDAKBgNVBAMM
A29sZDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKQVLgleoMKM0PuR+5CoUFbm
hGQ3DA9bvfnBmm5KygccxG6cpxc81lYc1cum7O/7HDsBmOuaoNCjdn/Oe20X7X+j
UzBRMA8GA1UdEQQIMAaHBH8AAAEwHQYDVR0OBBYEFCtsThfCp9nNNPBAhjlcg9Te
1RQYMB8GA1UdIwQYMBaAFCTK9HpGY6j1gx0yA+82JXSAh7JGMAoGCCqGSM49BAMC
A0cAMEQCIFPu33ySeUO9LGP4dZHZXHkYH3ndP0dSh5AB+dylQsy6AiAtiVg1yC5g
MDCRMwkz7fNYm6EPCQwP0/jzTh3HVyHawA==
-----END CERTIFICATE-----
`;

export const RENEWED = `-----BEGIN CERTIFICATE-----
MIIBZTCCAQygAwIBAgIBATAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAtob3NwaXRh
bC1jYTAeFw0yNjExMjExNzQ4MDJaFw0zNjAxMjAxMjAwMDBaMA4xDDAKBgNVBAMM
A25ldzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPVdFJcraKz6UDGncxHZcsF9
fnxzRK0wfFJ3bumI6Kb0VF2HP9Tee9yxVJSCScODcEj4Aq44+u8VEWNIZBbk8cGj
UzBRMA8GA1UdEQQIMAaHBH8AAAEwHQYDVR0OBBYEFF/bXtVaP5jliYHhCjxFsB4g
Y1VhMB8GA1UdIwQYMBaAFCTK9HpGY6j1gx0yA+82JXSAh7JGMAoGCCqGSM49BAMC
A0cAMEQCIDswub0hG/LaqBfWV1oUUL6T2HxWORZvrnbNP0bjUIVVAiApSNQ0feSB
Xqk9xw/T+ZYOTJ9OTxt079kbUalJ49xVjQ==
-----END CERTIFICATE-----
`;
