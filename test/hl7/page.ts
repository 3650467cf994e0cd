import { format, resolveConfig } from 'prettier';

/** The text of a page with the part between `<!-- name -->` and `<!-- end -->` renewed, formatted as all pages are. */
export async function withPart(page: string, name: string, part: string): Promise<string> {
  const place = new RegExp(`(<!-- ${name} -->\\n\\n)[^]*?(\\n\\n<!-- end -->)`);
  if (!place.test(page)) throw new Error(`the page has no place for ${name}`);
  const renewed = page.replace(place, (_, before: string, after: string) => `${before}${part}${after}`);
  const config = await resolveConfig(new URL('../../docs/hl7.md', import.meta.url).pathname);
  return format(renewed, { ...config, parser: 'markdown' });
}
