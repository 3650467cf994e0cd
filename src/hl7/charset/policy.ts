import type { Config } from '../../config/schema.ts';
import type { MessageOptions } from '../profiles.ts';
import type { Replacement } from './fit.ts';

/** Fields that name somebody or something for a computer: written exactly as they are, or not at all. */
const IDENTIFIERS = /^(?:PID-3|ORC-[23]|OBR-[23]|SPM-2|SAC-3)$/;
/** Fields for people, in which a missing character may be replaced: names, comments, who is responsible, a method. */
const FOR_PEOPLE = /^(?:PID-5|NTE-3|OBX-1[67])$/;

/** The first replacement that must not be made; null where each may. */
export function forbidden(
  replaced: readonly Replacement[],
  unencodable: MessageOptions['unencodable'],
): Replacement | null {
  const allowed = ({ kind, place }: Replacement): boolean => {
    const field = place.replace(/\[\d+\]/, '');
    if (kind === 'same') return !IDENTIFIERS.test(field);
    return unencodable === 'substitute' && FOR_PEOPLE.test(field);
  };
  return replaced.find((one) => !allowed(one)) ?? null;
}

/** What was replaced by something else, as a comment line; null where nothing was. */
export function remarkOn(
  replaced: readonly Replacement[],
  charset: string,
  language: Config['site']['language'],
): string | null {
  const others = replaced.filter(({ kind }) => kind === 'other');
  if (others.length === 0) return null;
  switch (language) {
    case 'en':
      return `Characters that ${charset} does not have were replaced: ${listed(others, ' by ', ', ')}.`;
    case 'ja':
      return `${charset}にない文字を置き換えました：${listed(others, '→', '、')}。`;
  }
}

function listed(replaced: readonly Replacement[], by: string, separator: string): string {
  return [...new Set(replaced.map((one) => `${one.place} ${one.code}${by}${one.by}`))].join(separator);
}
