import { expect, test } from 'vitest';
import { createContents } from '../../src/watch/contents.ts';

test('the contents that were read last are known, and no more than so many', () => {
  const contents = createContents(3);
  for (const sha256 of ['a', 'b', 'c', 'b', 'd', 'e']) contents.add(sha256);
  expect(['a', 'b', 'c', 'd', 'e'].filter((sha256) => contents.has(sha256))).toEqual(['c', 'd', 'e']);
});
