import { closeSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { giveToOwner } from './owner.ts';

/**
 * Writes a file of a data folder anew, readable by its owner alone; a reader sees the old one or the new one. Throws
 * where the disk is full.
 * @param isDurable whether that holds after a power cut as well
 */
export function replaceFile(path: string, content: string, isDurable = false): void {
  const draft = `${path}.new`;
  const file = openSync(draft, 'w', 0o600);
  try {
    writeFileSync(file, content);
    if (isDurable) fsyncSync(file);
  } finally {
    closeSync(file);
  }
  giveToOwner(dirname(path), draft);
  renameSync(draft, path);
}
