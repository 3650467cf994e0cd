import { appendFileSync, cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run, TOOLS } from './tools.ts';

/** A fault put into a copy of the tree, and what the tool that has to find it says. */
interface Plant {
  readonly tool: string;
  readonly fault: string;
  /** Text that is added to each of these files. */
  readonly files: Readonly<Record<string, string>>;
  readonly says: RegExp;
}

const PLANTS: readonly Plant[] = [
  {
    tool: 'types',
    fault: 'a text where a number belongs',
    files: { 'src/planted-type.ts': "export const planted: number = 'text';\n" },
    says: /src\/planted-type\.ts.*TS2322/,
  },
  {
    tool: 'lint',
    fault: 'a promise that nobody waits for',
    files: {
      'src/planted-promise.ts':
        'async function planted(): Promise<void> {\n  await Promise.resolve();\n}\nplanted();\n',
    },
    says: /planted-promise\.ts.*no-floating-promises/,
  },
  {
    tool: 'lint',
    fault: 'any',
    files: { 'src/planted-any.ts': 'export const planted = (value: any): string => value.name;\n' },
    says: /planted-any\.ts.*no-unsafe-return/,
  },
  {
    tool: 'lint',
    fault: 'a switch that forgets a case',
    files: {
      'src/planted-switch.ts':
        "export function planted(tier: 'low' | 'high'): void {\n  switch (tier) {\n    case 'low':\n      return;\n  }\n}\n",
    },
    says: /planted-switch\.ts.*switch-exhaustiveness-check/,
  },
  {
    tool: 'lint',
    fault: 'a clock in a pure file',
    files: { 'src/risk/planted-clock.ts': 'export const planted = (): Date => new Date();\n' },
    says: /planted-clock\.ts.*no-restricted-syntax/,
  },
  {
    tool: 'format',
    fault: 'another layout',
    files: { 'src/planted-format.ts': 'export   const planted = "text"\n' },
    says: /src\/planted-format\.ts/,
  },
  {
    tool: 'unused',
    fault: 'an export that nothing imports',
    files: { 'src/reason.ts': '\nexport const plantedExport = 1;\n' },
    says: /plantedExport.*src\/reason\.ts/,
  },
  {
    tool: 'unused',
    fault: 'a file that nothing imports',
    files: { 'src/planted-file.ts': 'export const planted = 1;\n' },
    says: /src\/planted-file\.ts/,
  },
  {
    tool: 'unused in production',
    fault: 'an export that only a test imports',
    files: {
      'src/trace/trace.ts': '\nexport const plantedForTest = (): number => 1;\n',
      'test/planted.test.ts': "import { plantedForTest } from '../src/trace/trace.ts';\nplantedForTest();\n",
    },
    says: /plantedForTest.*src\/trace\/trace\.ts/,
  },
  {
    tool: 'dependencies',
    fault: 'a pure file that reads the disk',
    files: {
      'src/risk/planted-io.ts':
        "import { readFileSync } from 'node:fs';\nexport const planted = (): string => readFileSync('x', 'utf8');\n",
    },
    says: /pure-no-io: src\/risk\/planted-io\.ts/,
  },
  {
    tool: 'dependencies',
    fault: 'a pure file that logs',
    files: { 'src/risk/planted-log.ts': "export { createLog } from '../platform/log.ts';\n" },
    says: /pure-no-shell: src\/risk\/planted-log\.ts/,
  },
  {
    tool: 'dependencies',
    fault: 'a pure file that uses a package with I/O',
    files: { 'src/hl7/planted-package.ts': "export { watch } from 'chokidar';\n" },
    says: /pure-no-package: src\/hl7\/planted-package\.ts/,
  },
  {
    tool: 'dependencies',
    fault: 'a checker that uses what it judges',
    files: {
      'test/faults/checker/planted-checker.ts': "export { tierOf } from '../../../src/risk/classify.ts';\n",
    },
    says: /checker-stands-alone: test\/faults\/checker\/planted-checker\.ts/,
  },
  {
    tool: 'dependencies',
    fault: 'a stage that knows a later one',
    files: {
      'src/trace/planted-right.ts':
        "import type { Report } from '../hl7/report.ts';\nexport type Planted = Report;\n",
    },
    says: /trace-looks-left: src\/trace\/planted-right\.ts/,
  },
  {
    tool: 'dependencies',
    fault: 'a stage that calls another',
    files: { 'src/hl7/planted-call.ts': "export { readTrace } from '../trace/read.ts';\n" },
    says: /hl7-calls-no-stage: src\/hl7\/planted-call\.ts/,
  },
  {
    tool: 'dependencies',
    fault: 'an adapter that is built anywhere',
    files: { 'src/planted-adapter.ts': "export * from './store/store.ts';\n" },
    says: /adapters-are-built-in-one-place: src\/planted-adapter\.ts/,
  },
  {
    tool: 'dependencies',
    fault: 'two files that need each other',
    files: {
      'src/planted-other.ts': "export { one } from './planted-one.ts';\nexport const other = 2;\n",
      'src/planted-one.ts': "export { other } from './planted-other.ts';\nexport const one = 1;\n",
    },
    says: /no-cycle: src\/planted-(one|other)\.ts/,
  },
  {
    tool: 'dependencies',
    fault: 'a file that stands alone',
    files: { 'src/planted-orphan.ts': 'export const planted = 1;\n' },
    says: /no-orphan: src\/planted-orphan\.ts/,
  },
  {
    tool: 'dependencies',
    fault: 'a package that an installation does not have',
    files: { 'src/planted-dev.ts': "export { test } from 'vitest';\n" },
    says: /not-a-dependency: src\/planted-dev\.ts/,
  },
];

// A linter that reads no files is as green as a clean tree. Here the tree is not clean, and each tool has to say so.
const copy = mkdtempSync(join(tmpdir(), 'raisingd-planted-'));
try {
  const left = new Set(['.git', 'node_modules', '.raisingd', 'coverage'].map((name) => resolve(name)));
  cpSync('.', copy, { recursive: true, filter: (source) => !left.has(resolve(source)) });
  symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
  for (const [file, text] of PLANTS.flatMap(({ files }) => Object.entries(files))) {
    appendFileSync(join(copy, file), text);
  }
  const findings = await Promise.all(TOOLS.map((tool) => run(tool, copy)));

  let missed = 0;
  for (const { tool, fault, says } of PLANTS) {
    const finding = findings.find((one) => one.tool === tool);
    const found = finding !== undefined && !finding.ok && says.test(finding.findings);
    if (!found) missed += 1;
    process.stdout.write(`${found ? 'found ' : 'MISSED'} ${tool.padEnd(21)} ${fault}\n`);
    if (!found) process.stdout.write(`${finding?.findings ?? ''}\n`);
  }
  process.exitCode = missed === 0 ? 0 : 1;
} finally {
  rmSync(copy, { recursive: true });
}
