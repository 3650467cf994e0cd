import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ALERT_KIND_NAMES, ALERT_KINDS } from '../../src/alerts/kinds.ts';

const PAGE = new URL('../../docs/operations.md', import.meta.url);
const HEAD = '| kind | means | what to do | in quiet hours |';

/** Cells without the blanks that the formatter puts around them. */
const cells = (line: string): string[] => line.split('|').map((cell) => cell.trim());

test('docs/operations.md lists every kind of alert, with what to do', () => {
  const rows = ALERT_KIND_NAMES.map((kind) => {
    const { means, remedy, urgent } = ALERT_KINDS[kind];
    return `| \`${kind}\` | ${means} | ${remedy} | ${urgent ? 'told at once' : 'waits'} |`;
  });
  const page = readFileSync(PAGE, 'utf8').split('\n');
  const from = page.findIndex((line) => cells(line).join() === cells(HEAD).join());
  expect(from).toBeGreaterThan(0);
  const length = page.slice(from).findIndex((line) => !line.startsWith('|'));
  if (process.env['WRITE_DOCS'] === '1') {
    page.splice(from, length, HEAD, '| --- | --- | --- | --- |', ...rows);
    writeFileSync(PAGE, page.join('\n'));
    return;
  }
  const table = page.slice(from + 2, from + length).map(cells);
  expect(table, 'WRITE_DOCS=1 vitest run test/alerts/docs.test.ts').toEqual(rows.map(cells));
});
