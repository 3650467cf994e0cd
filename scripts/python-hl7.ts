import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { isDeepStrictEqual } from 'node:util';
import {
  CHARSETS,
  expected,
  PROFILES,
  sendExample,
  table,
  withTable,
  type Charset,
  type ReadBack,
  type Row,
} from '../test/hl7/matrix.ts';

// Sends every profile in every character set to a receiver on python-hl7 and compares what it has read.
// `--write` renews the table in docs/hl7-matrix.md; without it the table there has to be what was read.

const PYTHON = process.env['PYTHON'] ?? '/usr/bin/python3';
const READER = new URL('python-hl7-reader.py', import.meta.url).pathname;
const PAGE = new URL('../docs/hl7-matrix.md', import.meta.url);

/** Python's names of the sets. */
const ENCODINGS: Readonly<Record<Charset, string>> = {
  'UTF-8': 'utf-8',
  'ISO-2022-JP': 'iso2022_jp',
  Shift_JIS: 'cp932',
  'EUC-JP': 'euc_jp',
  'ISO-8859-1': 'iso-8859-1',
  ASCII: 'ascii',
};

async function readBy(charset: Charset): Promise<readonly ReadBack[]> {
  const reader = spawn(PYTHON, [READER, ENCODINGS[charset]], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const lines = createInterface({ input: reader.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<unknown> => {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`${PYTHON} ${READER} ended: is python3-hl7 installed?`);
      return JSON.parse(value);
    };
    const { port } = (await next()) as { readonly port: number };
    const read: ReadBack[] = [];
    for (const profile of PROFILES) {
      const code = await sendExample(port, profile, charset);
      if (code !== 'AA') throw new Error(`${profile} in ${charset}: answered ${code}`);
      read.push((await next()) as ReadBack);
    }
    return read;
  } finally {
    reader.kill();
  }
}

const rows: Row[] = [];
for (const charset of CHARSETS) rows.push({ receiver: 'python-hl7', charset, read: await readBy(charset) });
process.stdout.write(`${table(rows)}\n`);

const wrong = rows.filter(
  ({ charset, read }) => !read.every((one) => isDeepStrictEqual(one, expected(charset))),
);
for (const { charset } of wrong) process.stderr.write(`python-hl7 has not read ${charset} as it was meant\n`);
if (wrong.length > 0) process.exitCode = 1;

const page = readFileSync(PAGE, 'utf8');
const renewed = await withTable(page, 'python', rows);
if (process.argv.includes('--write')) writeFileSync(PAGE, renewed);
else if (renewed !== page) {
  process.stderr.write('docs/hl7-matrix.md shows another table: run scripts/test-python-hl7.sh --write\n');
  process.exitCode = 1;
}
