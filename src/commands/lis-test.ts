import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import type { Config, Destination } from '../config/schema.ts';
import { describeTransport, transportOf } from '../config/transport.ts';
import { clientFor } from '../destination-client.ts';
import { composeMessages } from '../hl7/compose.ts';
import { decodeLossy } from '../hl7/charset.ts';
import { messageOptions } from '../hl7/profiles.ts';
import { readable } from '../hl7/readable.ts';
import { checklistFor, testControlId, testReport } from '../hl7/test-message.ts';
import { describeOutcome, judge, wordsOfTheLis, type SendOutcome } from '../outbox/outcome.ts';
import { systemClock } from '../platform/clock.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import { silentLog } from '../platform/log.ts';
import { programVersion } from '../platform/version.ts';
import { configOption, requireConfig } from './config-option.ts';

interface TestOptions {
  readonly config?: string;
  readonly show?: boolean;
  readonly json?: boolean;
}

export function addLisTest(lis: Command): void {
  lis
    .command('test')
    .description('Sends a test message of an invented patient, with characters to compare by eye.')
    .argument('<destination>', 'name of the destination in the configuration')
    .option('--show', 'also print the message, field by field')
    .option('--json', 'print one JSON object')
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nMSH-11 is T and MSH-10 begins with RT, which no result has. It works without the service, and beside it:' +
        '\nthe queue is not touched. Exit code 0: the LIS took it. 1: it did not.',
    )
    .action(async (name: string, options: TestOptions) => {
      const { config } = requireConfig(options.config);
      const destination = config.lis.find((one) => one.name === name);
      if (destination === undefined) {
        const names = config.lis.map((one) => one.name).join(', ') || 'none';
        throw new CommandError(`there is no destination ${name}; configured: ${names}`, EXIT.usage);
      }
      process.exitCode = (await sendTest(destination, config, options)) ? EXIT.done : EXIT.failed;
    });
}

async function sendTest(destination: Destination, config: Config, options: TestOptions): Promise<boolean> {
  const lis = asTest(destination);
  const { charset } = messageOptions(lis);
  const controlId = testControlId(systemClock.now(), randomBytes(6));
  const bytes = write(lis, controlId, config);
  const client = clientFor(lis, { site: config.site, clock: systemClock, log: silentLog });
  const began = performance.now();
  const outcome = await client.send({ controlId, bytes });
  const ms = Math.round(performance.now() - began);
  client.close();

  const taken = judge(outcome, lis, 0).kind === 'delivered';
  const words = describeOutcome(outcome);
  const answer = wordsOfTheLis(outcome);
  if (options.json === true) {
    print(JSON.stringify({ destination: lis.name, controlId, taken, outcome: words, answer, ms }));
    return taken;
  }
  print(
    `test message ${controlId} to ${lis.name} (${describeTransport(transportOf(lis))}, ${charset}): ${words}, ${ms} ms`,
  );
  for (const line of answer?.split('\n') ?? []) print(`  the LIS: ${printable(line)}`);
  print(taken ? 'The LIS took it.' : adviceOn(outcome));
  if (options.show === true) for (const line of readable(decodeLossy(bytes, charset))) print(line);
  if (taken) {
    print('');
    print('Taken is not yet read right. Look at it in the LIS, and compare each character of the comment:');
    for (const line of checklistFor(charset)) print(`  ${line}`);
  }
  return taken;
}

/** As the destination is, but marked as a test; a batch of the running service is left alone. */
function asTest(destination: Destination): Destination {
  const { file } = destination;
  return {
    ...destination,
    ...(file === undefined ? {} : { file: { folder: file.folder, extension: file.extension } }),
    message: { ...destination.message, processingId: 'T', notes: true },
  };
}

function write(lis: Destination, controlId: string, { cutoffs, site }: Config): Uint8Array {
  const now = systemClock.now();
  const report = testReport(controlId, cutoffs, messageOptions(lis).charset, now);
  const composed = composeMessages(report, { lis: [lis], site }, () => ({
    controlId,
    createdAt: now,
    software: { version: programVersion(), build: '' },
  }));
  if (!composed.ok) {
    throw new CommandError(`the test message cannot be written: ${composed.reason.detail}`, EXIT.failed);
  }
  const [message] = composed.messages;
  if (message === undefined) throw new Error('no message was written');
  return message.bytes;
}

function adviceOn(outcome: SendOutcome): string {
  switch (outcome.kind) {
    case 'unreachable':
    case 'connect-timeout':
      return 'Nothing was sent. Check the address, the firewall between, and, with TLS, the certificates.';
    case 'ack-timeout':
      return 'It was sent and not answered. Does the LIS expect another framing, or TLS, at that port?';
    case 'application-timeout':
      return 'The LIS stored it and its application did not answer. acknowledge: commit asks for no more than CA.';
    case 'closed':
      return 'The LIS ended the connection. Its log should say why; with TLS, it may want another certificate.';
    case 'foreign-ack':
    case 'garbled':
      return 'What came back is no acknowledgement of this message: is that the port of the LIS?';
    case 'http-status':
      return 'The address answers, but not as a receiver of HL7. Check the URL and authorizationFile.';
    case 'acknowledged':
      return 'The LIS refused it, for the reasons above.';
    case 'unwritable':
      return 'The folder must exist, and this user must be allowed to write there.';
    case 'written':
    case 'unsendable':
    case 'damaged':
    case 'stopped':
      return 'It was not taken.';
  }
}

function printable(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '·');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
