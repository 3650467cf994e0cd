import type { Fields, Log } from '../../../src/platform/log.ts';

export interface Line {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: Fields;
}

/** A log that can be read. */
export function createRecordLog(): Log & { readonly lines: readonly Line[] } {
  const lines: Line[] = [];
  const at =
    (level: keyof Log) =>
    (message: string, fields: Fields = {}): void => {
      lines.push({ level, message, fields });
    };
  return { lines, error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') };
}
