import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatFault } from '../../src/config/faults.ts';
import { loadAssay, loadConfig } from '../../src/config/load.ts';
import { cutoffsVersion } from '../../src/config/version.ts';

const MINIMAL = 'dataDir: /var/lib/raisingd\n';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'raisingd-config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(text: string | Uint8Array, name = 'raisingd.yaml'): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** The lines that `raisingd check` would print, without the folder of the file. */
function faultsIn(text: string | Uint8Array): string[] {
  const read = loadConfig(write(text));
  return read.ok ? [] : read.faults.map((fault) => formatFault(fault).replaceAll(`${folder}/`, ''));
}

function accepted(file: string | null, defaultFile?: string) {
  const read = loadConfig(file, defaultFile);
  if (!read.ok) throw new Error(read.faults.map(formatFault).join('\n'));
  return read;
}

describe('a configuration that is accepted', () => {
  test('gets every default, and cannot be changed afterwards', () => {
    const { config, method } = accepted(write(MINIMAL));
    expect(config.cutoffs).toMatchObject({
      cv: { intermediate: 0.25, high: 0.5 },
      sil2r: { high: 1000, unit: 'U/mL' },
    });
    expect(method.assay.id).toBe('htlv1');
    expect(() => {
      config.cutoffs.cv.high = 0.9;
    }).toThrow(TypeError);
    expect(() => config.watch.folders.push('/')).toThrow(TypeError);
  });

  test('has its relative paths resolved against its own folder, not the working directory', () => {
    mkdirSync(join(folder, 'sub'));
    const { config } = accepted(
      write(
        'dataDir: data\nwatch: {folders: [in, /srv/x]}\nworklist: {folder: ../lists}\nlog: {file: log.json}\n' +
          'upkeep: {backup: {folder: copies}}\n',
        'sub/raisingd.yaml',
      ),
    );
    expect(config.dataDir).toBe(join(folder, 'sub/data'));
    expect(config.watch.folders).toEqual([join(folder, 'sub/in'), '/srv/x']);
    expect(config.worklist?.folder).toBe(join(folder, 'lists'));
    expect(config.log.file).toBe(join(folder, 'sub/log.json'));
    expect(config.upkeep.backup.folder).toBe(join(folder, 'sub/copies'));
  });

  test('has the same hash when only comments, order and written-out defaults differ, and another when a cut-off does', () => {
    const hash = accepted(write('dataDir: /d\nsite: {facility: A, language: ja}\n')).hash;
    const rewritten = '# note\nsite:\n  language: ja\n  facility: A\ndataDir: /d\nwatch: {scanSeconds: 10}\n';
    expect(accepted(write(rewritten)).hash).toBe(hash);
    expect(accepted(write(`${rewritten}cutoffs: {cv: {high: 0.51}}\n`)).hash).not.toBe(hash);
  });

  test('names its cut-offs by twelve hex digits that follow their values', () => {
    const published = accepted(write(MINIMAL)).config.cutoffs;
    const written = accepted(write(`${MINIMAL}cutoffs: {cv: {high: 0.5, intermediate: 0.25}}\n`)).config
      .cutoffs;
    expect(cutoffsVersion(published)).toMatch(/^[0-9a-f]{12}$/);
    expect(cutoffsVersion(written)).toBe(cutoffsVersion(published));
    expect(cutoffsVersion({ ...published, cv: { intermediate: 0.24, high: 0.5 } })).not.toBe(
      cutoffsVersion(published),
    );
  });

  test('may name an assay of its own, relative to itself', () => {
    write(`id: other\nanchor: ${'ACGTT'.repeat(10)}\n`, 'other.yaml');
    const own = accepted(write(`${MINIMAL}assay: other.yaml\n`));
    const bundled = accepted(write(MINIMAL));
    expect(own.method.assay.id).toBe('other');
    expect(own.method.parameters).not.toBe(bundled.method.parameters);
    expect(own.hash).not.toBe(bundled.hash);
  });

  test('may begin with a byte order mark', () => {
    expect(faultsIn(`\ufeff${MINIMAL}`)).toEqual([]);
  });
});

describe('without --config', () => {
  test('the file in /etc is used where there is one', () => {
    expect(accepted(null, write('dataDir: /elsewhere\n')).config.dataDir).toBe('/elsewhere');
  });

  test('the built-in defaults are used where there is none', () => {
    expect(accepted(null, join(folder, 'nothing.yaml'))).toMatchObject({
      source: null,
      config: { dataDir: '/var/lib/raisingd', watch: { folders: [] }, lis: [] },
    });
  });

  test('a file that is there but cannot be read is a fault, never a reason for the defaults', () => {
    symlinkSync('raisingd.yaml', join(folder, 'raisingd.yaml'));
    const read = loadConfig(null, join(folder, 'raisingd.yaml'));
    expect(read.ok ? [] : read.faults.map((fault) => fault.message)).toEqual([
      expect.stringContaining('cannot be read: ELOOP'),
    ]);
  });
});

describe('a file that is no configuration is refused in words', () => {
  test.each([
    ['nothing in it', '', 'raisingd.yaml: is empty. It needs at least: dataDir.'],
    ['only comments', '# later\n', 'raisingd.yaml: is empty. It needs at least: dataDir.'],
    [
      'a list',
      '- a\n',
      'raisingd.yaml: must be a mapping of keys to values: a list. It needs at least: dataDir.',
    ],
    [
      'a tab',
      'dataDir: /d\nwatch:\n\tpolling: true\n',
      'raisingd.yaml: is not valid YAML: a tab is used for indentation; YAML takes spaces only (raisingd.yaml:3:1)',
    ],
    [
      'a key twice',
      'dataDir: /d\ndataDir: /e\n',
      'raisingd.yaml: is not valid YAML: the key dataDir is written twice in one mapping; keep one of the two (raisingd.yaml:2:1)',
    ],
    [
      'two documents',
      'dataDir: /d\n---\nwatch: {}\n',
      'raisingd.yaml: is not valid YAML: a second document begins (---); keep one (raisingd.yaml:2:1)',
    ],
    [
      'an open quote',
      'dataDir: "/d\n',
      'raisingd.yaml: is not valid YAML: Missing closing "quote (raisingd.yaml:2:1)',
    ],
    [
      'an alias without anchor',
      'dataDir: *where\n',
      'raisingd.yaml: is not valid YAML: Unresolved alias (the anchor must be set before the alias): where',
    ],
    [
      'a custom tag',
      'dataDir: !env HOME\n',
      'raisingd.yaml: is not valid YAML: Unresolved tag: !env (raisingd.yaml:1:10)',
    ],
    [
      'Shift-JIS text',
      Buffer.from([0x61, 0x3a, 0x20, 0x8e, 0x52]),
      'raisingd.yaml: is not UTF-8 text. Save it as UTF-8.',
    ],
    ['another kind of file', Buffer.alloc(2 ** 21, 'A'), 'raisingd.yaml: is larger than 1 MiB'],
  ])('%s', (_title, text, line) => {
    expect(faultsIn(text)).toEqual([line]);
  });

  test('a missing file', () => {
    const read = loadConfig(join(folder, 'none.yaml'));
    expect(read.ok ? [] : read.faults.map(formatFault)).toEqual([
      `${folder}/none.yaml: does not exist. Write it, or name another file.`,
    ]);
  });

  test('a folder', () => {
    expect(loadConfig(folder)).toMatchObject({ ok: false, faults: [{ message: 'is not a regular file' }] });
  });

  test('a FIFO, without waiting for a writer', () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    expect(loadConfig(fifo)).toMatchObject({ ok: false, faults: [{ message: 'is not a regular file' }] });
  });

  test('aliases that multiply without end', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (const pair of [
      ['b', 'a'],
      ['c', 'b'],
      ['d', 'c'],
      ['e', 'd'],
    ] as const) {
      bomb.push(`${pair[0]}: &${pair[0]} [${Array(10).fill(`*${pair[1]}`).join(',')}]`);
    }
    expect(faultsIn(bomb.join('\n'))).toEqual([expect.stringContaining('Excessive alias count')]);
  });
});

describe('a configuration with mistakes', () => {
  test('such as a time that never comes is refused before a job waits for it', () => {
    expect(faultsIn('dataDir: d\nupkeep: {maintenance: {cron: "0 3 1W * 6"}}\n')).toEqual([
      expect.stringContaining('upkeep.maintenance.cron: is a time that never comes: "0 3 1W * 6"'),
    ]);
  });

  test('is refused with all of them at once, each with path, value, place and remedy, in the order of the file', () => {
    const text = `dataDri: /d
watch:
  folders: /srv
  scanSeconds: -1
  quiet_seconds: 2
cutoffs: {cv: {high: 0.1}}
site: {timeZone: Mars}
lis:
  - {name: x, mllp: {host: h, port: 70000}}
  - {name: x, mllp: {host: h, port: 1}, message: {codes: {CVTEIR: {code: x}}}}
upkeep: {backup: {cron: "0 99 * * *"}}
log:
`;
    expect(faultsIn(text)).toEqual([
      'dataDir: is missing (raisingd.yaml:1:1). Folder of the database, its backups and the lock.',
      'dataDri: is not a known key (raisingd.yaml:1:1). Did you mean dataDir?',
      'watch.folders: must be a list: "/srv" (raisingd.yaml:3:12). Folders that sequencers write into; read only, with subfolders.',
      'watch.scanSeconds: must be more than 0: -1 (raisingd.yaml:4:16). Seconds between full scans; a scan is the truth, an event only a hint. Default: 10.',
      'watch.quiet_seconds: is not a known key (raisingd.yaml:5:3). Did you mean quietSeconds?',
      'cutoffs.cv.high: must be above cutoffs.cv.intermediate: 0.1 (raisingd.yaml:6:22). Lowest reported Cv of the high tier, and of regions R2 and R4; no unit, two decimals. Default: 0.5.',
      'site.timeZone: must be an IANA time zone such as Asia/Tokyo, or "system": "Mars" (raisingd.yaml:7:18). Zone of the instrument clock and of every time sent; "system" is the zone of this machine. Default: "system".',
      'lis[0].mllp.port: must be at most 65535: 70000 (raisingd.yaml:9:37). TCP port of the LIS.',
      'lis[1].name: is used by another destination: "x" (raisingd.yaml:10:12). Name of this destination in lists, logs and commands; unique.',
      'lis[1].message.codes.CVTEIR: is not a known key (raisingd.yaml:10:59). Did you mean CVTIER?',
      'upkeep.backup.cron: must be a cron expression: "0 99 * * *" (raisingd.yaml:11:25). Five or six fields, UTC, such as "0 18 * * *" for 18:00 every day.',
      'log: must be a mapping of keys to values: null (raisingd.yaml:12:5)',
    ]);
  });

  test.each([
    [
      'cutoffs: {cv: {high: 0.505}}',
      'cutoffs.cv.high: must have at most two decimals, as the reported Cv has: 0.505',
    ],
    ['cutoffs: {cv: {high: 0.25}}', 'cutoffs.cv.high: must be above cutoffs.cv.intermediate: 0.25'],
    ['cutoffs: {sil2r: {unit: pg/mL}}', 'cutoffs.sil2r.unit: must be "U/mL": "pg/mL"'],
    [
      'accession: {fromFile: "^(.*)$"}',
      'accession.fromFile: must be a regular expression with a group (?<accession>…): "^(.*)$"',
    ],
    ['controls: {pattern: "("}', 'controls.pattern: must be a regular expression: "("'],
    ['watch: {polling: yes}', 'watch.polling: must be true or false: "yes"'],
    ['watch: {scanSeconds: 2000000}', 'watch.scanSeconds: must be at most 86400: 2000000'],
    ['watch: {scanSeconds: .nan}', 'watch.scanSeconds: must be a number'],
    ['__proto__: {polluted: true}', '__proto__: is not a known key'],
  ])('%s', (line, fault) => {
    expect(faultsIn(`${MINIMAL}${line}\n`)).toEqual([expect.stringContaining(fault)]);
    expect('polluted' in {}).toBe(false);
  });

  test('in its assay file too is told where the mistake is', () => {
    write('id: HTLV 1\nanchr: ACGT\n', 'bad.yaml');
    expect(faultsIn(`${MINIMAL}assay: bad.yaml\nsite: {language: de}\n`)).toEqual([
      expect.stringContaining('site.language: must be "en" or "ja": "de" (raisingd.yaml:3:18)'),
      expect.stringContaining('assay.anchor: is missing (bad.yaml:1:1)'),
      expect.stringMatching(/^assay\.id: .*: "HTLV 1" \(bad\.yaml:1:5\)/),
      expect.stringContaining('assay.anchr: is not a known key (bad.yaml:2:1). Did you mean anchor?'),
    ]);
  });

  test('is refused where its assay file does not exist', () => {
    expect(faultsIn(`${MINIMAL}assay: none.yaml\n`)).toEqual([
      'assay: does not exist (none.yaml). Write it, or name another file.',
    ]);
  });
});

describe('folders that are read and folders that are written are kept apart', () => {
  test.each([
    [
      'watch: {folders: [/var/lib/raisingd/in]}',
      'watch.folders[0]: must not be inside dataDir (/var/lib/raisingd)',
    ],
    ['watch: {folders: [/srv, /var/lib]}', 'watch.folders[1]: must not contain dataDir (/var/lib/raisingd)'],
    ['watch: {folders: [/var/lib/x/../raisingd/]}', 'watch.folders[0]: must not contain dataDir'],
    ['worklist: {folder: /}', 'worklist.folder: must not contain dataDir'],
    [
      'watch: {folders: [/srv]}\nupkeep: {backup: {folder: /srv/copies}}',
      'watch.folders[0]: must not contain upkeep.backup.folder (/srv/copies)',
    ],
    [
      'watch: {folders: [/srv]}\nlog: {file: /srv/log}',
      'watch.folders[0]: must not contain log.file (/srv/log)',
    ],
  ])('%s', (lines, fault) => {
    expect(faultsIn(`${MINIMAL}${lines}\n`)).toEqual([expect.stringContaining(fault)]);
  });

  test('folders with a common beginning of their names are apart', () => {
    expect(faultsIn(`${MINIMAL}watch: {folders: [/var/lib/raisingd-in, /var/lib/..raisingd]}\n`)).toEqual([]);
  });
});

describe('secrets', () => {
  test('are never repeated: not a webhook, not the value of an unknown key, not a broken line', () => {
    const mistakes = [
      `${MINIMAL}alerts: {channels: [{name: a, webhook: {url: hunter2}}]}\n`,
      `${MINIMAL}password: hunter2\n`,
      `${MINIMAL}alerts: {channels: [{name: a, webhook: hunter2}]}\n`,
      `${MINIMAL}alerts:\n  webhook: hunter2\n hunter2: }\n`,
      `${MINIMAL}alerts: {webhook: "hunter2}\n`,
    ];
    for (const text of mistakes) {
      expect(faultsIn(text).length).toBeGreaterThan(0);
      expect(faultsIn(text).join('\n')).not.toContain('hunter2');
    }
  });
});

test('any text gives a configuration or faults, never an exception', () => {
  const token = fc.oneof(
    fc.constantFrom(
      'dataDir',
      'watch',
      'lis',
      ':',
      ' ',
      '\n',
      '\n  ',
      '- ',
      '[',
      '{',
      '}',
      ']',
      '"',
      '*a',
      '&a',
      ',',
    ),
    fc.string({ unit: 'binary', maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(token, { maxLength: 30 }), (tokens) => {
      const read = loadConfig(write(tokens.join('')));
      expect(read.ok || read.faults.length > 0).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('an assay file alone can be loaded, and its parameters are named by the hash of all that it says', () => {
  const file = write(`id: a\nanchor: ${'ACGTT'.repeat(10)}\n`, 'a.yaml');
  const read = loadAssay(file);
  const again = loadAssay(write(`anchor: ${'ACGTT'.repeat(10)}\nid: a\n`, 'b.yaml'));
  if (!read.ok || !again.ok) throw new Error('refused');
  expect(read.method.parameters).toMatch(/^[0-9a-f]{64}$/);
  expect(again.method.parameters).toBe(read.method.parameters);
  expect(Object.isFrozen(read.method.assay.knownTemplates)).toBe(true);
});
