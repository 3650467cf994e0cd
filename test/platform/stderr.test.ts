import { expect, test } from 'vitest';
import { errorIn } from '../../src/platform/stderr.ts';

const CRASH = `file:///opt/raisingd/src/watch/look.ts:34
    throw new TypeError(\`cannot read \${name}\`);
          ^

TypeError: cannot read /srv/Sakura_Yamada.ab1
    at look (file:///opt/raisingd/src/watch/look.ts:34:11)
    at async lookAt (file:///opt/raisingd/src/watch/intake-loop.ts:120:9)

Node.js v24.21.0`;

test('the end of a process is told by the class of its error and its place, and names nobody', () => {
  expect(errorIn(CRASH)).toMatch(/^TypeError at src\/watch\/look\.ts:34 \([0-9a-f]{12}\)$/);
  expect(errorIn('FATAL ERROR: Reached heap limit - JavaScript heap out of memory')).toMatch(
    /^out of memory \(/,
  );
  expect(errorIn('Yamada Sakura')).toMatch(/^an error \([0-9a-f]{12}\)$/);
  expect(errorIn(' \n')).toBe('');
});
