import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Puts a file in its place whole or not at all; it is on the disk when this ends. Nobody who looks for the name sees
 * a part of it, also after a power cut.
 * @param draft of its own where two processes may write the same file at the same time
 */
export async function writeDurably(path: string, bytes: Uint8Array, draft = `${path}.tmp`): Promise<void> {
  const file = await open(draft, 'w', 0o640);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
  await syncFolder(dirname(path));
}

/** What was made, renamed or removed in a folder is on the disk when this ends. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
