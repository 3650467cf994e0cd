import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { formatFault } from '../config/faults.ts';
import { firstConfig, type Answers } from '../config/first-config.ts';
import { DEFAULT_CONFIG_FILE, loadConfig } from '../config/load.ts';
import { CHARSETS } from '../config/message.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import { print } from './beside.ts';

const EXAMPLE = new URL('../../config/raisingd.example.yaml', import.meta.url);
const SCHEMA = fileURLToPath(new URL('../../config/raisingd.schema.json', import.meta.url));
const PROFILES = ['oru-r01-2.5.1', 'oul-r22-law', 'jahis'];

interface InitOptions {
  readonly config?: string;
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly dataDir?: string;
  readonly facility?: string;
  readonly timeZone?: string;
  readonly language?: string;
  readonly folder?: readonly string[];
  readonly share?: boolean;
  readonly worklist?: string;
  readonly lisHost?: string;
  readonly lisPort?: number;
  readonly profile?: string;
  readonly charset?: string;
  readonly processingId?: string;
}

/** Puts a question; an empty answer is the preset. */
export type Ask = (question: string, preset: string) => Promise<string>;

export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description(
      'Asks a few questions, or takes options, and writes a commented configuration that is valid.',
    )
    .option('-c, --config <file>', `where it is written (default: ${DEFAULT_CONFIG_FILE})`)
    .option('--force', 'write over a file that is there')
    .option('--yes', 'do not ask: take the options, and the presets for the rest')
    .option('--data-dir <folder>', 'database and backups (preset: /var/lib/raisingd)')
    .option('--facility <name>', 'name of the laboratory, MSH-4 (preset: SEQROOM)')
    .option('--time-zone <zone>', "zone of the instrument's clock (preset: that of this machine)")
    .addOption(new Option('--language <language>', 'of the comments in messages').choices(['en', 'ja']))
    .option('--folder <folder...>', 'folder that a sequencer writes into')
    .option('--share', 'the folders are an SMB or NFS share')
    .option('--worklist <folder>', 'folder with .csv files of orders')
    .option('--lis-host <host>', 'host name or address of the LIS')
    .option('--lis-port <port>', 'its TCP port (preset: 2575)', toPort)
    .addOption(new Option('--profile <profile>', 'kind of message').choices(PROFILES))
    .addOption(new Option('--charset <charset>', 'preset: that of the profile').choices(CHARSETS))
    .addOption(new Option('--processing-id <id>', 'MSH-11 (preset: T, test)').choices(['P', 'T', 'D']))
    .addHelpText('after', '\nWithout a terminal it does not ask. Exit code 1: the file is there already.')
    .action(async (options: InitOptions) => {
      const file = resolve(options.config ?? DEFAULT_CONFIG_FILE);
      if (existsSync(file) && options.force !== true)
        throw new CommandError(`${file} is there already; --force writes over it`, EXIT.failed);
      const answers = await answersFrom(options);
      write(file, firstConfig(readFileSync(EXAMPLE, 'utf8'), answers, SCHEMA));
      print(`${file} is written, and valid. Next:`);
      const where = file === DEFAULT_CONFIG_FILE ? '' : ` --config ${file}`;
      print(`  raisingd doctor${where}       looks at everything that it needs`);
      if (answers.lis !== null) print(`  raisingd lis test main${where}    sends a test message`);
      print('  systemctl enable --now raisingd');
    });
}

async function answersFrom(options: InitOptions): Promise<Answers> {
  if (options.yes === true || !process.stdin.isTTY)
    return collectAnswers(options, (_, preset) => Promise.resolve(preset));
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-D and Ctrl-C end the questions, and nothing is written.
  const ended = new Promise<never>((_, reject) =>
    terminal.once('close', () => reject(new CommandError('nothing was written', EXIT.failed))),
  );
  try {
    const ask: Ask = async (question, preset) => {
      const hint = preset === '' ? '' : ` [${preset}]`;
      const answer = await Promise.race([terminal.question(`${question}${hint}: `), ended]);
      return answer.trim() === '' ? preset : answer.trim();
    };
    return await collectAnswers(options, ask);
  } finally {
    ended.catch(() => undefined);
    terminal.close();
  }
}

/** Asks for what no option says. */
async function collectAnswers(options: InitOptions, ask: Ask): Promise<Answers> {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const facility = options.facility ?? (await ask('Name of the laboratory (MSH-4)', 'SEQROOM'));
  const folder =
    options.folder?.join(' ') ?? (await ask('Folder that the sequencer writes into', '/srv/sequencer'));
  const isShare = options.share ?? isYes(await ask('Is it an SMB or NFS share (yes, no)', 'no'));
  const worklist = options.worklist ?? (await ask('Folder with .csv files of orders, empty for none', ''));
  const host = options.lisHost ?? (await ask('Host name or address of the LIS, empty for none yet', ''));
  const lis = host === '' ? null : await askAboutLis(options, host, ask);
  return {
    dataDir:
      options.dataDir ?? (await ask('Folder for database and backups, on a local disk', '/var/lib/raisingd')),
    facility,
    timeZone: options.timeZone ?? (await ask("Time zone of the instrument's clock", zone)),
    language: options.language ?? (await ask('Language of the comments in messages (en, ja)', 'en')),
    folders: options.folder ?? [folder],
    share: isShare,
    worklist: worklist === '' ? null : worklist,
    lis,
  };
}

async function askAboutLis(
  options: InitOptions,
  host: string,
  ask: Ask,
): Promise<NonNullable<Answers['lis']>> {
  const port = options.lisPort ?? Number(await ask('Its TCP port', '2575'));
  const profile = options.profile ?? (await ask(`Kind of message (${PROFILES.join(', ')})`, 'oru-r01-2.5.1'));
  const charset =
    options.charset ?? (await ask(`Character set (${CHARSETS.join(', ')}), empty for that of the kind`, ''));
  const processingId = options.processingId ?? (await ask('T for test messages, P for production', 'T'));
  return { host, port, profile, charset: charset === '' ? null : charset, processingId };
}

/** Writes a whole and valid file, or none. */
function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.new`;
  writeFileSync(draft, text, { mode: 0o644 });
  const read = loadConfig(draft);
  if (read.ok) {
    renameSync(draft, file);
    return;
  }
  rmSync(draft);
  const faults = read.faults.map((fault) => formatFault({ ...fault, file, place: null }));
  throw new CommandError(['these answers make no valid configuration:', ...faults].join('\n'), EXIT.usage);
}

function isYes(answer: string): boolean {
  return /^(y|yes|true)$/i.test(answer);
}

function toPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a number from 1 to 65535.');
}
