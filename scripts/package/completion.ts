import type { CommandPage } from './command-pages.ts';

/** Where shells look for a completion, below a prefix such as usr/share, and what is in it. */
export function completions(pages: readonly CommandPage[]): Readonly<Record<string, string>> {
  return {
    'bash-completion/completions/raisingd': bash(pages),
    'zsh/vendor-completions/_raisingd': zsh(pages),
    'fish/vendor_completions.d/raisingd.fish': fish(pages),
  };
}

function bash(pages: readonly CommandPage[]): string {
  const cases = pages.map((page) => {
    const words = [
      ...page.subcommands.map(({ name }) => name),
      ...page.options.flatMap(({ names }) => names),
    ];
    const takesPath = page.arguments.some(({ isPath }) => isPath);
    return `    ${quoted(page.path.join(' '))}) words=${quoted(words.join(' '))} files=${takesPath ? 'yes' : ''} ;;`;
  });
  const values = pages.flatMap((page) =>
    page.options
      .filter(({ takesValue }) => takesValue)
      .map(({ names, choices, isPath }) => {
        const offer = isPath ? 'files=yes' : `words=${quoted(choices.join(' '))}`;
        const keys = names.map((name) => quoted(`${page.path.join(' ')}:${name}`)).join(' | ');
        return `    ${keys}) ${offer} ;;`;
      }),
  );
  const commands = pages.slice(1).map(({ path }) => quoted(path.join(' ')));
  return `# bash completion for raisingd, made from its command line
_raisingd() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local command='' longer word words='' files=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    longer="\${command:+$command }$word"
    case $longer in
    ${commands.join(' | ')}) command=$longer ;;
    esac
  done
  case $command:$previous in
${values.join('\n')}
    *)
      case $command in
${cases.map((line) => `    ${line}`).join('\n')}
      esac
      ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if [ -n "$files" ] && [[ $current != -* ]]; then
    compopt -o filenames
    mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -F _raisingd raisingd
`;
}

/** zsh runs bash's completions; what it has of its own would say the same again. */
function zsh(pages: readonly CommandPage[]): string {
  return `#compdef raisingd
autoload -U +X bashcompinit && bashcompinit
${bash(pages)}`;
}

function fish(pages: readonly CommandPage[]): string {
  const lines = pages.flatMap((page) => {
    const here = condition(page);
    return [
      ...page.subcommands.map(
        ({ name, summary }) => `complete -c raisingd -f -n ${here} -a ${name} -d ${quoted(summary)}`,
      ),
      ...page.options.map(({ names, description, takesValue, choices, isPath }) => {
        const flags = names.map((name) =>
          name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
        );
        const value = !takesValue ? '' : isPath ? ' -r -F' : ` -x -a ${quoted(choices.join(' '))}`;
        return `complete -c raisingd -n ${here} ${flags.join(' ')}${value} -d ${quoted(description)}`;
      }),
    ];
  });
  return `# fish completion for raisingd, made from its command line\n${lines.join('\n')}\n`;
}

/** Whether fish stands behind this command and none of its subcommands. */
function condition({ path, subcommands }: CommandPage): string {
  if (path.length === 0) return quoted('__fish_use_subcommand');
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
  const deeper = subcommands.map(({ name }) => name).join(' ');
  const notYet = deeper === '' ? [] : [`not __fish_seen_subcommand_from ${deeper}`];
  return quoted([...seen, ...notYet].join('; and '));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
