import type { Charset } from '../../config/message.ts';
import { escapeText } from '../escape.ts';
import { CODECS, type Codec } from './codecs.ts';
import { codeOf, placeOf } from './place.ts';

/** One character that the set does not have as it is, and what stands in its place. */
export interface Replacement {
  /** same: the same character in another form (width, composition, Unicode number). other: something else. */
  readonly kind: 'same' | 'other';
  /** Such as `PID-5`. */
  readonly place: string;
  /** Such as `U+20BB7`; never the character itself, which could not be written. */
  readonly code: string;
  /** What a reader sees in its place. */
  readonly by: string;
}

export interface Fitted {
  readonly text: string;
  readonly replaced: readonly Replacement[];
}

export interface Fallback {
  /** Stands for a character that has no other form in the set. */
  readonly mark: string;
  /** The site's own replacements, looked at first. */
  readonly substitutes: ReadonlyMap<string, string>;
}

/**
 * The same character under another Unicode number: JIS X 0208 has one place for both. The right-hand side is what
 * the decoders of the WHATWG (and ours) make of it.
 */
const SAME: Readonly<Record<string, string>> = {
  '\u2014': '\u2015',
  '\u2016': '\u2225',
  '\u2212': '\uff0d',
  '\u301c': '\uff5e',
  '\u00a2': '\uffe0',
  '\u00a3': '\uffe1',
  '\u00a5': '\uffe5',
  '\u00ac': '\uffe2',
};

/** A character with its marks (accents, voiced sound marks, variation selectors). Delimiters own none, and stay. */
const CLUSTER = /[^\p{M}|^~\\&\r]\p{M}*|\p{M}+/gu;
const HALF_WIDTH = /[\uff61-\uff9f]+/gu;
const VARIATION_SELECTOR = /[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/gu;

/**
 * A message's text in characters that the set has. Half-width kana become full-width and composed characters one
 * where the set asks for it: that is the same text. Any other character that is missing is replaced, first by the
 * site's own choice, then by its compatibility form (① by 1), then by the mark, and each of these is told.
 *
 * Works on text that is escaped already: what takes a character's place is escaped as well, since the compatibility
 * form of a full-width bar is a delimiter.
 */
export function fit(message: string, charset: Charset, fallback: Fallback): Fitted {
  const codec = CODECS[charset];
  const writable = (text: string): boolean => text !== '' && codec.hasAll(text);
  if (writable(message)) return { text: message, replaced: [] };
  const replaced: Replacement[] = [];
  const replace = (text: string, index: number, cluster: string, kind: Replacement['kind'], by: string) => {
    const code = Array.from(cluster, codeOf).join(' ');
    replaced.push({ kind, place: placeOf(text, index), code, by });
    return escapeText(by);
  };
  const wide = message.replace(HALF_WIDTH, (kana, index: number) => {
    const full = fullWidth(kana, codec);
    return writable(kana) || !writable(full) ? kana : replace(message, index, kana, 'same', full);
  });
  const text = wide.replace(CLUSTER, (cluster, index: number) => {
    if (writable(cluster)) return cluster;
    const same = [SAME[cluster] ?? '', cluster.normalize('NFC')].find(writable);
    if (same !== undefined) return replace(wide, index, cluster, 'same', same);
    const by = otherForms(cluster, fallback).find(writable) ?? fallback.mark;
    return replace(wide, index, cluster, 'other', by);
  });
  return { text, replaced };
}

/** Full-width katakana; a voiced sound mark that no single character has with its base stays a character of its own. */
function fullWidth(kana: string, codec: Codec): string {
  return Array.from(kana.normalize('NFKC'))
    .map((one) => (codec.has(one) ? one : one.normalize('NFD')))
    .join('')
    .replaceAll('\u3099', '\u309b')
    .replaceAll('\u309a', '\u309c');
}

function otherForms(cluster: string, { substitutes }: Fallback): readonly string[] {
  const base = cluster.replace(VARIATION_SELECTOR, '');
  const own = [cluster, base].map((one) => substitutes.get(one) ?? '');
  return [...own, base, cluster.normalize('NFKC'), base.normalize('NFKC')];
}
