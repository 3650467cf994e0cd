declare const raw: unique symbol;

/**
 * A path with one character for each of its bytes (latin1): names that are not UTF-8 survive, and it is a cheap
 * key of a Map. Never shown to anybody; that is what `toText` is for.
 */
export type RawPath = string & { readonly [raw]: true };

export function fromBytes(bytes: Uint8Array): RawPath {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1') as RawPath;
}

/** A path as people and config files write it, in UTF-8. */
export function fromText(path: string): RawPath {
  return fromBytes(Buffer.from(path));
}

/** What the file system is asked for. */
export function toBytes(path: RawPath): Buffer {
  return Buffer.from(path, 'latin1');
}

/** For people and patterns: bytes that are not UTF-8, and control characters, become U+FFFD. */
export function toText(path: RawPath): string {
  return toBytes(path)
    .toString('utf8')
    .replaceAll(/\p{Cc}/gu, '\uFFFD');
}

export function join(directory: RawPath, name: RawPath): RawPath {
  return (directory.endsWith('/') ? directory + name : `${directory}/${name}`) as RawPath;
}

export function baseName(path: RawPath): RawPath {
  return path.slice(path.lastIndexOf('/') + 1) as RawPath;
}

export function isInside(directory: RawPath, path: RawPath): boolean {
  return path.startsWith(directory.endsWith('/') ? directory : `${directory}/`);
}
