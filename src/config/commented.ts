import { stringify } from 'yaml';

/**
 * Changes values in a commented YAML text and leaves every comment where it is. The text has one key a line, two
 * blanks a level, and `#key:` for a key that is not in use; a comment in words has a blank behind its #.
 */
export interface Commented {
  /** Gives a key a value, and puts it and those around it to use. Throws where there is no such key. */
  set(path: readonly string[], value: string | number | boolean | readonly string[]): void;
  /** Takes a key out of use, with all that is under it. */
  unset(path: readonly string[]): void;
  text(): string;
}

interface KeyLine {
  /** Blanks before the key; the dash of a list entry counts as two. */
  readonly indent: number;
  readonly key: string;
}

const KEY = /^( *)(#?)(- )?([A-Za-z$]\w*):(?: |$)/;

export function createCommented(text: string): Commented {
  const lines = text.split('\n');

  const find = (path: readonly string[]): { readonly at: number; readonly around: readonly number[] } => {
    let [from, to, indent] = [0, lines.length, 0];
    const around: number[] = [];
    for (const key of path) {
      const at = lines.findIndex((line, index) => {
        const own = index >= from && index < to ? keyOf(line) : null;
        return own !== null && own.key === key && own.indent === indent;
      });
      if (at < 0) throw new Error(`the text has no key ${path.join('.')}`);
      around.push(at);
      [from, to] = [at + 1, endOf(lines, at)];
      indent =
        lines
          .slice(from, to)
          .map(keyOf)
          .find((one) => one !== null)?.indent ?? indent + 2;
    }
    return { at: around.at(-1) ?? 0, around };
  };

  return {
    set(path, value) {
      const { at, around } = find(path);
      for (const index of around) lines[index] = (lines[index] ?? '').replace(KEY, '$1$3$4: ').trimEnd();
      const [, blanks = '', , dash = '', key = ''] = KEY.exec(`${lines[at] ?? ''} `) ?? [];
      const written = stringify(value, {
        collectionStyle: 'flow',
        flowCollectionPadding: false,
        lineWidth: 0,
      }).trim();
      lines[at] = `${blanks}${dash}${key}: ${written}`;
    },
    unset(path) {
      const { at } = find(path);
      for (let index = at; index < endOf(lines, at); index++) {
        const line = lines[index] ?? '';
        if (KEY.test(line))
          lines[index] = line.replace(KEY, (all, blanks: string, mark: string) =>
            mark === '' ? `${blanks}#${all.slice(blanks.length)}` : all,
          );
      }
    },
    text: () => lines.join('\n'),
  };
}

function keyOf(line: string): KeyLine | null {
  const [, blanks = '', , dash = '', key] = KEY.exec(line) ?? [];
  return key === undefined ? null : { indent: blanks.length + dash.length, key };
}

/** The line behind the last that belongs to the key at `at`. */
function endOf(lines: readonly string[], at: number): number {
  const own = keyOf(lines[at] ?? '');
  const next = lines.findIndex((line, index) => {
    const other = index > at ? keyOf(line) : null;
    return other !== null && own !== null && other.indent <= own.indent;
  });
  return next < 0 ? lines.length : next;
}
