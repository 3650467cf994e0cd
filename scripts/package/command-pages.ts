import type { Argument, Command, Option } from 'commander';

/** What a user can type at one place of the command line. */
export interface CommandPage {
  /** Words behind the program's name; none for the program itself. */
  readonly path: readonly string[];
  /** Everything that is said about it. */
  readonly description: string;
  readonly arguments: readonly ArgumentPage[];
  readonly options: readonly OptionPage[];
  /** The next word, where there is one. */
  readonly subcommands: readonly { readonly name: string; readonly summary: string }[];
  /** What its help says at the end. */
  readonly notes: string;
}

interface ArgumentPage {
  /** As in a usage line, such as `<path...>`. */
  readonly usage: string;
  readonly description: string;
  readonly isPath: boolean;
}

interface OptionPage {
  /** As in a usage line, such as `-c, --config <file>`. */
  readonly flags: string;
  /** As typed: `-c`, `--config`. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  readonly isPath: boolean;
}

/** Value names that stand for something on the disk. */
const PATHS = /[<[](file|dir|path|csv|folder)(\.\.\.)?[>\]]/;

/** A command and all below it, each before its own subcommands, in the order of the help. */
export function commandPages(command: Command, path: readonly string[] = []): CommandPage[] {
  const help = command.createHelp();
  const subcommands = help.visibleCommands(command).filter((one) => one.name() !== 'help');
  const page: CommandPage = {
    path,
    description: command.description(),
    arguments: command.registeredArguments.map(argumentPage),
    options: help.visibleOptions(command).map(optionPage),
    subcommands: subcommands.map((one) => ({ name: one.name(), summary: help.subcommandDescription(one) })),
    notes: notesOf(command),
  };
  return [page, ...subcommands.flatMap((one) => commandPages(one, [...path, one.name()]))];
}

function argumentPage(argument: Argument): ArgumentPage {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  const usage = argument.required ? `<${name}>` : `[${name}]`;
  return { usage, description: argument.description, isPath: PATHS.test(usage) };
}

function optionPage(option: Option): OptionPage {
  const preset =
    option.defaultValueDescription ??
    (option.isBoolean() || option.defaultValue === undefined ? null : String(option.defaultValue));
  return {
    flags: option.flags,
    names: [option.short, option.long].filter((name) => name !== undefined),
    description: preset === null ? option.description : `${option.description} (default: ${preset})`,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
    isPath: PATHS.test(option.flags),
  };
}

/** Text that was added to a help with addHelpText can only be had by printing the help. */
function notesOf(command: Command): string {
  let printed = '';
  const told = command.configureOutput();
  command.configureOutput({ writeOut: (text) => (printed += text) });
  command.outputHelp();
  command.configureOutput(told);
  return printed.slice(command.helpInformation().length).trim();
}
