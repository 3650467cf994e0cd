import type { Config } from '../config/schema.ts';
import { wordsFor } from '../language/language.ts';
import type { Words } from '../language/words.ts';

/** The words for this person: as the configuration says, and without one as the environment asks for. */
export function speak(config?: Pick<Config, 'site'>): Words {
  return wordsFor(config?.site.commandLanguage ?? 'auto', process.env);
}
