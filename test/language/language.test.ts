import { describe, expect, test } from 'vitest';
import { en } from '../../src/language/en.ts';
import { ja } from '../../src/language/ja.ts';
import { wordsFor } from '../../src/language/language.ts';
import { displayWidth, padColumns } from '../../src/language/width.ts';

describe('the language of commands', () => {
  test.each([
    [{ LANG: 'ja_JP.UTF-8' }, 'ja'],
    [{ LANG: 'ja' }, 'ja'],
    [{ LANG: 'ja_JP.utf8' }, 'ja'],
    [{ LC_MESSAGES: 'ja_JP.UTF-8', LANG: 'C.UTF-8' }, 'ja'],
    [{ LC_ALL: 'C', LC_MESSAGES: 'ja_JP.UTF-8', LANG: 'ja_JP.UTF-8' }, 'en'],
    [{ LC_ALL: '', LANG: 'ja_JP.UTF-8' }, 'ja'],
    [{ LANG: 'de_DE.UTF-8' }, 'en'],
    // Its terminal could not show what is written in UTF-8.
    [{ LANG: 'ja_JP.eucJP' }, 'en'],
    [{}, 'en'],
  ] as const)('is, for %o, %s', (environment, language) => {
    expect(wordsFor('auto', environment).language).toBe(language);
  });

  test('is that of the configuration where it names one', () => {
    expect(wordsFor('ja', { LANG: 'C' }).language).toBe('ja');
    expect(wordsFor('en', { LANG: 'ja_JP.UTF-8' }).language).toBe('en');
  });
});

/** Every text of a catalogue with example values in it, by its path. */
function spoken(words: object, path = ''): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(words) as [string, unknown][]) {
    const at = `${path}.${key}`;
    const said: unknown =
      typeof value === 'function'
        ? (value as (...args: unknown[]) => unknown)(...Array.from({ length: 8 }, () => example()))
        : value;
    if (typeof said === 'string') texts.set(at, said);
    else if (typeof said === 'object' && said !== null)
      for (const [below, text] of spoken(said, at)) texts.set(below, text);
  }
  return texts;
}

/** Stands for any value: a text, a number and a mapping alike. */
function example(): unknown {
  return new Proxy(String, {
    get: (_target, key) => (key === Symbol.toPrimitive ? () => '7' : () => '7'),
  });
}

describe('the Japanese texts', () => {
  const english = spoken(en);
  const japanese = spoken(ja);

  test('are as many as the English ones', () => {
    expect([...japanese.keys()]).toEqual([...english.keys()]);
    expect(japanese.size).toBeGreaterThan(80);
  });

  test('are Japanese, but for names and codes', () => {
    const same = [...japanese].filter(([path, text]) => text === english.get(path)).map(([path]) => path);
    expect(same).toEqual(['.common.risk', '.demo.header.3', '.orders.sil2r']);
  });
});

describe('columns on a terminal', () => {
  test.each([
    ['Cv 0.73', 7],
    ['カットオフ', 10],
    ['ｶｯﾄ', 3],
    ['検体S25', 7],
    ['が', 2],
    ['か\u3099', 2],
    ['（）', 4],
    ['é', 1],
    ['', 0],
  ])('%s takes %i', (text, columns) => {
    expect(displayWidth(text)).toBe(columns);
  });

  test('line up whatever the cells hold', () => {
    const rows = ['sample', '検体', 'ｻﾝﾌﾟﾙ'].map((cell) => padColumns(cell, 12));
    expect(rows.map(displayWidth)).toEqual([12, 12, 12]);
    expect(padColumns('長い検体の名前です', 4)).toBe('長い検体の名前です');
  });
});
