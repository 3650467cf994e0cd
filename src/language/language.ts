import { en } from './en.ts';
import { ja } from './ja.ts';
import type { Words } from './words.ts';

/** site.commandLanguage: a language, or whatever the environment asks for. */
export type LanguageSetting = 'auto' | 'en' | 'ja';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The words in which commands speak. JSON, codes, logs and the audit log are English in any case.
 * @param setting auto: the first of LC_ALL, LC_MESSAGES and LANG that is set, as POSIX has it
 */
export function wordsFor(setting: LanguageSetting, environment: Environment): Words {
  const language = setting === 'auto' ? ofEnvironment(environment) : setting;
  return language === 'ja' ? ja : en;
}

function ofEnvironment({ LC_ALL, LC_MESSAGES, LANG }: Environment): 'en' | 'ja' {
  const locale = [LC_ALL, LC_MESSAGES, LANG].find((value) => value !== undefined && value !== '') ?? '';
  // Everything is written in UTF-8: a terminal of another character set could not show Japanese.
  return /^ja(_[A-Z]{2})?(\.utf-?8)?(@|$)/i.test(locale) ? 'ja' : 'en';
}
