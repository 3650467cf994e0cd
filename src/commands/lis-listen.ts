import { readFileSync } from 'node:fs';
import type { TlsOptions } from 'node:tls';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { CHARSETS, type Charset } from '../config/message.ts';
import { ACK_CODES, type AckCode } from '../hl7/ack.ts';
import { decodeLossy } from '../hl7/charset.ts';
import { readable } from '../hl7/readable.ts';
import { systemClock } from '../platform/clock.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import { createLog } from '../platform/log.ts';
import type { Behaviour } from '../testlis/behaviour.ts';
import { createTestLis } from '../testlis/receiver.ts';
import { wordsOf } from '../platform/words-of.ts';

const KINDS = [
  ...['silence', 'receipt', 'garbage', 'wrong-id', 'two-acks', 'no-final-cr'],
  ...['close-before-commit', 'close-after-commit'],
] as const;
type Kind = Extract<Behaviour['kind'], (typeof KINDS)[number]>;

interface ListenOptions {
  readonly port: number;
  readonly host: string;
  readonly answer: AckCode | Kind;
  readonly error?: string;
  readonly delay?: number;
  readonly every: number;
  readonly count?: number;
  readonly charset: Charset;
  readonly journal?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsCa?: string;
}

export function addLisListen(lis: Command): void {
  lis
    .command('listen')
    .description('A receiver to try with: takes messages over MLLP, prints them and answers as told.')
    .option('--port <number>', 'TCP port; 0 for any free one', toPort, 2575)
    .option('--host <address>', 'address to listen at; messages name patients', '127.0.0.1')
    .addOption(
      new Option('--answer <code>', 'what to answer').choices([...ACK_CODES, ...KINDS]).default('AA'),
    )
    .option('--error <code>', 'an ERR segment with this code of HL7 table 0357, such as 207')
    .option('--delay <ms>', 'milliseconds to wait before AA', toCount)
    .option('--every <n>', 'so only to every n-th message; AA to the others', toCount, 1)
    .option('--count <n>', 'end after so many messages', toCount)
    .addOption(new Option('--charset <set>', 'how to read messages').choices([...CHARSETS]).default('UTF-8'))
    .option('--journal <file>', 'also keep the messages in this file')
    .option('--tls-cert <file>', 'PEM certificate: listen with TLS')
    .option('--tls-key <file>', 'PEM key of --tls-cert')
    .option('--tls-ca <file>', 'PEM authorities: ask for a certificate signed by one of them')
    .addHelpText(
      'after',
      '\nIt ends with Ctrl-C. It is for tests and training: it keeps nothing unless told to.',
    )
    .action(listen);
}

async function listen(options: ListenOptions): Promise<void> {
  const ending = Promise.withResolvers<undefined>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.resolve(undefined));
  const tls = tlsOptions(options);
  let received = 0;
  const behave = behaviourOf(options);
  const receiver = createTestLis({
    host: options.host,
    port: options.port,
    behave: () => (received % options.every === options.every - 1 ? behave : { kind: 'accept' }),
    onMessage: ({ receivedAt, controlId, behaviour, bytes }) => {
      received += 1;
      print(`${receivedAt}  ${controlId ?? 'no control ID'}  ${bytes.length} bytes, ${behaviour}`);
      for (const line of readable(decodeLossy(bytes, options.charset))) print(line);
      print('');
      // The answer goes out after this.
      if (received === options.count) setTimeout(() => ending.resolve(undefined), (options.delay ?? 0) + 200);
    },
    clock: systemClock,
    log: createLog({ level: 'warn' }, 'none'),
    ...(options.journal === undefined ? {} : { journal: options.journal }),
    ...(tls === null ? {} : { tls }),
  });
  try {
    const { port } = await receiver.listen();
    print(`listening at ${options.host} port ${port}${tls === null ? '' : ' with TLS'}; Ctrl-C ends it`);
  } catch (error) {
    throw new CommandError(wordsOf(error), EXIT.failed, {
      cause: error,
    });
  }
  await ending.promise;
  await receiver.close();
}

function behaviourOf({ answer, error, delay }: ListenOptions): Behaviour {
  if (delay !== undefined) {
    if (answer !== 'AA') throw new CommandError('--delay goes with --answer AA', EXIT.usage);
    return { kind: 'late', ms: delay };
  }
  const code = ACK_CODES.find((known) => known === answer);
  if (code !== undefined) return { kind: 'answer', code, ...(error === undefined ? {} : { error }) };
  const kind = KINDS.find((known) => known === answer);
  return { kind: kind ?? 'accept' };
}

function tlsOptions({ tlsCert, tlsKey, tlsCa }: ListenOptions): TlsOptions | null {
  if (tlsCert === undefined && tlsKey === undefined) return null;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new CommandError('--tls-cert and --tls-key go together', EXIT.usage);
  }
  try {
    const ca = tlsCa === undefined ? null : readFileSync(tlsCa);
    return {
      cert: readFileSync(tlsCert),
      key: readFileSync(tlsKey),
      minVersion: 'TLSv1.2',
      ...(ca === null ? {} : { ca, requestCert: true, rejectUnauthorized: true }),
    };
  } catch (error) {
    throw new CommandError(String(error), EXIT.usage, { cause: error });
  }
}

function toCount(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new InvalidArgumentError('It must be a whole number.');
}

function toPort(text: string): number {
  const port = toCount(text);
  if (port < 65_536) return port;
  throw new InvalidArgumentError('It must be below 65536.');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
