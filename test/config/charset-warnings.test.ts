import { describe, expect, test } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { warningsOf } from '../../src/config/warnings.ts';

function warnings(message: object, about: { profile?: string; language?: string } = {}): string[] {
  const { profile = 'oru-r01-2.5.1', language = 'en' } = about;
  const config = configSchema.parse({
    dataDir: '/d',
    site: { language },
    watch: { folders: ['/w'] },
    lis: [{ name: 'main', mllp: { host: '127.0.0.1', port: 1 }, profile, message }],
  });
  return warningsOf(config).map(({ path, message: text }) => `${path} ${text}`);
}

describe('a site that sets what its character set cannot write', () => {
  test('is told of each code, name and mark', () => {
    const codes = { CV: { code: 'X', text: 'クロナリティ' }, R4: { code: '高' } };
    expect(warnings({ charset: 'ASCII', receivingFacility: '病院', mark: '〓', codes })).toEqual([
      'lis[0].message.mark cannot be written in ASCII: a result with it is held',
      'lis[0].message.receivingFacility cannot be written in ASCII: a result with it is held',
      'lis[0].message.patientAuthority cannot be written in ASCII: a result with it is held',
      'lis[0].message.codes.CV.text cannot be written in ASCII: a result with it is held',
      'lis[0].message.codes.R4.code cannot be written in ASCII: a result with it is held',
    ]);
    expect(warnings({ receivingFacility: '病院', codes }, { profile: 'jahis' })).toEqual([]);
  });

  test('is told when comments in Japanese would be nothing but marks', () => {
    expect(warnings({ charset: 'ISO-8859-1' }, { language: 'ja' })).toEqual([
      'site.language ISO-8859-1 of lis[0] cannot write these comments: each character would be replaced',
    ]);
    expect(warnings({ charset: 'Shift_JIS' }, { language: 'ja' })).toEqual([]);
  });
});
