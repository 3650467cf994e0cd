import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { CATEGORIES } from '../context/context.ts';
import { REASON_CODES, type ReasonCode } from '../reason.ts';
import { CAUSES, LINES, marksFault, type Language, type LineId, type Texts } from '../risk/texts.ts';
import type { Fault } from './faults.ts';
import { readYamlFile } from './read.ts';

export type AllTexts = Readonly<Record<Language, Texts>>;

export type LoadedTexts =
  { readonly ok: true; readonly texts: AllTexts } | { readonly ok: false; readonly faults: readonly Fault[] };

const BUNDLED_FOLDER = fileURLToPath(new URL('../../config/comments', import.meta.url));
const LANGUAGES: readonly Language[] = ['en', 'ja'];

/** A text of one line: no control character may come into a message through it. */
const words = z.string().regex(/^[^\p{Cc}]+$/u, 'must be one line of text');

const fileSchema = z.strictObject({
  lines: z
    .strictObject(
      perKey(Object.keys(LINES) as LineId[], (id) =>
        words.refine((text) => marksFault(id, text) === null, {
          error: ({ input }) => marksFault(id, String(input)) ?? 'is not valid',
        }),
      ),
    )
    .prefault({}),
  cohorts: z.strictObject(perKey(['R1', 'R2', 'R3', 'R4'] as const, () => words)).prefault({}),
  tiers: z.strictObject(perKey(['low', 'intermediate', 'high'] as const, () => words)).prefault({}),
  categories: z.strictObject(perKey(CATEGORIES, () => words)).prefault({}),
  causes: z.strictObject(perKey(CAUSES, () => words)).prefault({}),
  reasons: z.strictObject(perKey(Object.keys(REASON_CODES) as ReasonCode[], () => words)).prefault({}),
});

/**
 * The comment texts, the site's own over the bundled ones: a site's file may hold only what differs.
 * @param folder of the site's files `en.yaml` and `ja.yaml`, either of which may be absent; null: the bundled ones
 */
export function loadTexts(folder: string | null): LoadedTexts {
  const read = LANGUAGES.map((language) => textsOf(language, folder));
  const faults = [...read.flatMap((one) => one.faults), ...absent(folder)];
  const [en, ja] = read.map((one) => one.texts);
  if (faults.length > 0 || en === undefined || ja === undefined) return { ok: false, faults };
  return { ok: true, texts: { en, ja } };
}

function absent(folder: string | null): readonly Fault[] {
  if (folder === null || LANGUAGES.some((language) => existsSync(join(folder, `${language}.yaml`))))
    return [];
  const message = 'holds neither en.yaml nor ja.yaml';
  const remedy = 'Copy them from config/comments, and keep what differs.';
  return [{ path: folder, message, value: null, remedy, file: folder, place: null }];
}

function textsOf(language: Language, folder: string | null): { texts: Texts; faults: readonly Fault[] } {
  const base = readYamlFile(join(BUNDLED_FOLDER, `${language}.yaml`), fileSchema);
  const file = folder === null ? null : join(folder, `${language}.yaml`);
  const own = file === null || !existsSync(file) ? null : readYamlFile(file, fileSchema);
  const merged = <K extends Exclude<keyof Texts, 'language'>>(part: K): Texts[K] =>
    ({ ...base.value?.[part], ...own?.value?.[part] }) as Texts[K];
  const texts: Texts = {
    language,
    lines: merged('lines'),
    cohorts: merged('cohorts'),
    tiers: merged('tiers'),
    categories: merged('categories'),
    causes: merged('causes'),
    reasons: { ...REASON_CODES, ...merged('reasons') },
  };
  return { texts, faults: [...base.faults, ...(own?.faults ?? [])] };
}

function perKey<K extends string>(
  keys: readonly K[],
  schema: (key: K) => z.ZodType<string>,
): Record<K, z.ZodOptional<z.ZodType<string>>> {
  const entries = keys.map((key) => [key, schema(key).optional()] as const);
  return Object.fromEntries(entries) as Record<K, z.ZodOptional<z.ZodType<string>>>;
}
