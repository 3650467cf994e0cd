import { readFileSync, statSync } from 'node:fs';
import type { Tls } from '../config/transport.ts';

/** What the files of a TLS section hold, as Node takes it. */
export interface TlsMaterial {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly servername?: string;
  readonly minVersion: Tls['minVersion'];
}

const FILES = ['ca', 'cert', 'key'] as const;

/**
 * Gives what is in the files now: they are read again where one was renewed, and the same object comes back where
 * none was. Throws an Error whose `code` names the key and the system's code where one cannot be read.
 */
export function createTlsFiles(tls: Tls): () => TlsMaterial {
  let known: { readonly state: string; readonly material: TlsMaterial } | null = null;
  return () => {
    const state = FILES.map((key) => stateOf(tls, key)).join();
    if (known?.state !== state) known = { state, material: read(tls) };
    return known.material;
  };
}

function read(tls: Tls): TlsMaterial {
  const files = FILES.flatMap((key) => {
    const path = tls[key];
    return path === undefined ? [] : [[key, attempt(key, () => readFileSync(path))] as const];
  });
  const { servername, minVersion } = tls;
  return { ...Object.fromEntries(files), minVersion, ...(servername === undefined ? {} : { servername }) };
}

function stateOf(tls: Tls, key: (typeof FILES)[number]): string {
  const path = tls[key];
  if (path === undefined) return '';
  const { ino, size, mtimeMs } = attempt(key, () => statSync(path));
  return `${ino}:${size}:${mtimeMs}`;
}

function attempt<T>(key: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unreadable';
    throw Object.assign(new Error(`tls.${key} cannot be read`, { cause }), { code: `tls.${key} ${code}` });
  }
}
