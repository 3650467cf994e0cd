import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { commandPages } from '../../scripts/package/command-pages.ts';
import { completions } from '../../scripts/package/completion.ts';
import { configManual } from '../../scripts/package/config-manual.ts';
import { commandManual } from '../../scripts/package/manual.ts';
import { createProgram } from '../../src/commands/program.ts';

const pages = commandPages(createProgram());
const imprint = { version: '1.2.3', date: new Date('2025-11-22T18:00:00Z') };
const folder = mkdtempSync(join(tmpdir(), 'raisingd-pages-'));
afterAll(() => rmSync(folder, { recursive: true }));

const bash = join(folder, 'completion.bash');
writeFileSync(bash, completions(pages)['bash-completion/completions/raisingd'] ?? '');

/** What Tab offers behind these words; the last one is still being typed. */
function offered(...words: readonly string[]): string[] {
  const script = `source ${bash}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() { :; }
    _raisingd; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const line = execFileSync('bash', ['-c', script, 'bash', 'raisingd', ...words], {
    cwd: folder,
    encoding: 'utf8',
  });
  return line.split('\n').filter((word) => word !== '');
}

describe('completion', () => {
  test('offers the commands', () => {
    expect(offered('re')).toContain('review');
    expect(offered('re')).not.toContain('run');
  });

  test('offers the subcommands and options of the command that stands there', () => {
    expect(offered('queue', 'dr')).toEqual(['drop']);
    expect(offered('queue', 'drop', '--re')).toEqual(['--reason']);
  });

  test('offers the values of an option', () => {
    expect(offered('lis', 'listen', '--charset', 'S')).toEqual(['Shift_JIS']);
  });

  test('offers files where a file is wanted', () => {
    expect(offered('check', '--config', 'compl')).toEqual(['completion.bash']);
    expect(offered('score', 'compl')).toEqual(['completion.bash']);
    expect(offered('status', 'compl')).toEqual([]);
  });
});

describe('the manual', () => {
  const manual = commandManual(pages, imprint);
  const schema: unknown = JSON.parse(
    readFileSync(new URL('../../config/raisingd.schema.json', import.meta.url), 'utf8'),
  );
  const keys = configManual(schema, imprint);

  test('has every command and every option', () => {
    const plain = manual.replaceAll('\\-', '-');
    for (const { path, options } of pages.slice(1)) {
      expect(plain).toContain(`.SS ${path.join(' ')}`);
      for (const { flags } of options) expect(plain).toContain(flags);
    }
  });

  test('has the keys of the configuration with their defaults', () => {
    expect(keys).toContain('.B watch.scanSeconds');
    expect(keys).toContain('.B lis[].mllp.port');
    expect(keys).toMatch(/\.B watch\.quietSeconds\n[^\n]+\n\.br\nDefault: 2\./);
  });

  test('names nobody who built it', () => {
    expect(manual).not.toContain(`default: ${process.env['USER'] ?? 'root'})`);
  });

  test('is good roff', (context) => {
    const file = join(folder, 'page.roff');
    for (const page of [manual, keys]) {
      writeFileSync(file, page);
      const groff = spawnSync('groff', ['-man', '-ww', '-Wbreak', '-z', '-Tutf8', file], {
        encoding: 'utf8',
      });
      if (groff.error !== undefined) context.skip('groff is not here');
      expect(groff.stderr).toBe('');
    }
  });
});
