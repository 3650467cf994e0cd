import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readdirSync } from 'node:fs';

/** One file as it lies there now. Paths are bytes: names need not be UTF-8. */
export interface File {
  readonly path: Buffer;
  readonly size: number;
  readonly mtimeNs: bigint;
}

/** A content that lies in a watched folder, under one or more names. */
export interface Content {
  readonly sha256: string;
  readonly files: readonly File[];
  /** The accession that its sample name gives; null where it is no trace or names none. */
  readonly accession: string | null;
}

interface Known {
  readonly stamp: string;
  readonly sha256: string;
  readonly accession: string | null;
}

const SLASH = Buffer.from('/');

/** Lists the .ab1 files below some folders with hashes of its own; reads a file again only when it changed. */
export function createFolderReader(folders: readonly string[]): () => readonly Content[] {
  const known = new Map<string, Known>();
  const look = (path: Buffer): Known & { readonly file: File } => {
    const { size, mtimeNs, ino } = lstatSync(path, { bigint: true });
    const file = { path, size: Number(size), mtimeNs };
    const stamp = `${String(ino)} ${String(size)} ${String(mtimeNs)}`;
    const before = known.get(path.toString('latin1'));
    if (before?.stamp === stamp) return { ...before, file };
    const bytes = readFileSync(path);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const now = { stamp, sha256, accession: accessionIn(bytes) };
    known.set(path.toString('latin1'), now);
    return { ...now, file };
  };
  return () => {
    const contents = new Map<string, { sha256: string; files: File[]; accession: string | null }>();
    for (const path of folders.flatMap((folder) => [...tracesBelow(Buffer.from(folder))])) {
      const { sha256, accession, file } = look(path);
      const content = contents.get(sha256) ?? { sha256, files: [], accession };
      content.files.push(file);
      contents.set(sha256, content);
    }
    return [...contents.values()];
  };
}

function* tracesBelow(folder: Buffer): Generator<Buffer> {
  for (const entry of readdirSync(folder, { encoding: 'buffer', withFileTypes: true })) {
    const path = Buffer.concat([folder, SLASH, entry.name]);
    if (entry.isDirectory()) yield* tracesBelow(path);
    else if (entry.isFile() && /\.(ab1|abi)$/i.test(entry.name.toString('latin1'))) yield path;
  }
}

/** A path's last part, for people. */
export function nameOf(path: Buffer): string {
  return path.subarray(path.lastIndexOf(SLASH) + 1).toString('utf8');
}

/**
 * The sample name (tag SMPL 1, a Pascal string) up to the first character that no accession has; read from the ABIF
 * directory by hand: at byte 26 its place, at 18 its number of entries of 28 bytes each.
 */
function accessionIn(bytes: Buffer): string | null {
  if (bytes.length < 128 || bytes.toString('latin1', 0, 4) !== 'ABIF') return null;
  const directory = bytes.readInt32BE(26);
  for (let index = 0; index < bytes.readInt32BE(18); index += 1) {
    const entry = directory + 28 * index;
    if (entry < 0 || entry + 28 > bytes.length) return null;
    if (bytes.toString('latin1', entry, entry + 4) !== 'SMPL' || bytes.readInt32BE(entry + 4) !== 1) continue;
    const size = bytes.readInt32BE(entry + 16);
    const at = size > 4 ? bytes.readInt32BE(entry + 20) : entry + 20;
    return /^[A-Za-z0-9-]+/.exec(bytes.toString('utf8', at + 1, at + size))?.[0] ?? null;
  }
  return null;
}
