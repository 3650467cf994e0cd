import type { CommandPage } from './command-pages.ts';

/** What a manual page says at its head and foot. */
export interface Imprint {
  readonly version: string;
  /** Day of the last change, UTC. */
  readonly date: Date;
}

/** raisingd(1), from the command line itself. */
export function commandManual(pages: readonly CommandPage[], imprint: Imprint): string {
  const [program, ...commands] = pages;
  if (program === undefined) throw new Error('there is no command to write a manual of');
  return manual('raisingd', 1, imprint, [
    '.SH NAME',
    'raisingd \\- scores HTLV\\-1 RAISING traces and sends the results to the LIS',
    '.SH SYNOPSIS',
    '.B raisingd',
    '.I COMMAND',
    '.RI [ OPTION ...]',
    '.SH DESCRIPTION',
    ...prose(program.description),
    '.SH COMMANDS',
    ...commands.flatMap(section),
    '.SH NOTES',
    ...prose(program.notes),
    '.SH FILES',
    ...definition('/etc/raisingd/raisingd.yaml', 'The configuration; see raisingd.yaml(5).'),
    ...definition('/var/lib/raisingd', 'Database, backups and lock, readable for the service alone.'),
    '.SH SEE ALSO',
    '.BR raisingd.yaml (5),',
    '.BR journalctl (1),',
    '.BR systemctl (1),',
    'and the pages in /usr/share/doc/raisingd.',
  ]);
}

function section({ path, description, arguments: args, options, notes, subcommands }: CommandPage): string[] {
  const usage = [...path, ...args.map((one) => one.usage), ...(subcommands.length === 0 ? [] : ['...'])];
  return [
    `.SS ${roff(usage.join(' '))}`,
    ...prose(description),
    ...args.filter((one) => one.description !== '').flatMap((one) => definition(one.usage, one.description)),
    ...options.flatMap(({ flags, description: said, choices }) =>
      definition(flags, choices.length === 0 ? said : `${said}: ${choices.join(', ')}`),
    ),
    ...(notes === '' ? [] : ['.P', ...prose(notes)]),
  ];
}

/** A whole page: its head, and lines that are roff already. */
export function manual(
  name: string,
  part: number,
  { version, date }: Imprint,
  lines: readonly string[],
): string {
  const day = date.toISOString().slice(0, 10);
  const head = `.TH ${name.toUpperCase()} ${part} "${day}" "raisingd ${version}" "raisingd"`;
  return `${[head, '.nh', '.ad l', ...lines].join('\n')}\n`;
}

export function definition(term: string, text: string): string[] {
  return ['.TP', `.B ${roff(term)}`, ...prose(text)];
}

/** Text as roff; its line ends stay. */
export function prose(text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, index) => (line === '' ? ['.P'] : [...(index === 0 ? [] : ['.br']), roff(line)]));
}

/** Nothing in `text` means anything to roff, and none of it is beyond ASCII. */
function roff(text: string): string {
  const plain = text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replaceAll('`', '\\(ga')
    .replaceAll(/[^\n -~]/gu, (letter) => `\\[u${hexadecimal(letter)}]`);
  return /^[.']/.test(plain) ? `\\&${plain}` : plain;
}

function hexadecimal(letter: string): string {
  return (letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}
