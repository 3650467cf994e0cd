import type { Category } from './context.ts';

/** Codes of a site by category: `context.categories`. */
export type CategoryCodes = Readonly<Record<Exclude<Category, 'unknown'>, readonly string[]>>;

export interface ReadCategory {
  /** Null where no code is known, and where the known ones mean different categories. */
  readonly category: Category | null;
  /** Empty where `category` is given. */
  readonly unknownCodes: readonly string[];
}

/** What codes mean together. One that is known settles it; several that do not agree settle nothing. */
export function readCategory(codes: readonly string[], known: CategoryCodes): ReadCategory {
  const given = [...new Set(codes.map((code) => code.trim()).filter((code) => code !== ''))];
  const meant = new Set<Category>();
  for (const [category, words] of Object.entries(known) as [Category, readonly string[]][]) {
    if (given.some((code) => isOneOf(code, words))) meant.add(category);
  }
  const [category] = meant;
  return meant.size === 1 && category !== undefined
    ? { category, unknownCodes: [] }
    : { category: null, unknownCodes: given };
}

/** Whether a code is in a list: width, case and hyphens do not count, and `*` ends what has to be the same. */
export function isOneOf(code: string, list: readonly string[]): boolean {
  const wanted = plainCode(code);
  return (
    wanted !== '' &&
    list.some((entry) => {
      const plain = plainCode(entry);
      return plain.endsWith('*') ? wanted.startsWith(plain.slice(0, -1)) : wanted === plain;
    })
  );
}

function plainCode(code: string): string {
  return code.normalize('NFKC').replaceAll('-', '').trim().toLowerCase();
}
