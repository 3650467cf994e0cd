import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { analyse } from '../../src/analysis.ts';
import { createExamine } from '../../src/watch/examine.ts';
import type { Score } from '../../src/watch/examine.ts';
import type { Finding } from '../../src/watch/finding.ts';
import { createHints } from '../../src/watch/hints.ts';
import { createIntakeLoop } from '../../src/watch/intake-loop.ts';
import type { IntakeLoop, IntakeLoopOptions } from '../../src/watch/intake-loop.ts';
import { createPulse } from '../../src/watch/pulse.ts';
import { readWholeFile } from '../../src/watch/read-file.ts';
import { endingMatcher } from '../../src/watch/scan.ts';
import { createTakenFiles } from '../../src/watch/taken.ts';
import { trace } from '../trace/files.ts';
import { method } from './settings.ts';
import * as abif from '../../src/trace/write-abif.ts';

/** A folder of its own, gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'raisingd-watch-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A whole trace file that no other sample's has the content of. */
export function traceOf(sample: string): Buffer {
  return Buffer.from(trace({ tags: [abif.pString('SMPL', 1, sample)] }));
}

const scoreWithoutPicture: Score = (bytes, sha256) => ({
  analysis: analyse(bytes, method, sha256).analysis,
  picture: null,
});

export interface WatchedFolder {
  readonly findings: Finding[];
  readonly complaints: { readonly path: string; readonly detail: string }[];
  readonly loop: IntakeLoop;
  /** Names of the files whose content was analysed, sorted. */
  analysed(): string[];
  stop(): Promise<void>;
}

/** One folder watched in this process, with times of fractions of a second. */
export function watchFolder(
  folder: string,
  options: Partial<IntakeLoopOptions> & {
    readonly listen?: boolean;
    readonly read?: typeof readWholeFile;
    readonly score?: Score;
  } = {},
): WatchedFolder {
  const { read = readWholeFile, score = scoreWithoutPicture } = options;
  const now = (): number => performance.now();
  const findings: Finding[] = [];
  const complaints: { path: string; detail: string }[] = [];
  const hints = createHints({
    polling: false,
    pollMs: 100,
    onHint: (path, renamed) => loop.hint(path, renamed),
    onTrouble: (detail) => complaints.push({ path: folder, detail }),
  });
  const loop = createIntakeLoop({
    folder,
    scanMs: 50,
    device: null,
    rules: { quietMs: 100, giveUpMs: 60_000 },
    maxBytes: 10 * 2 ** 20,
    matches: endingMatcher(['.ab1', '.abi']),
    examine: createExamine(read, score),
    pulse: createPulse(now),
    hangMs: 10_000,
    now,
    taken: createTakenFiles(),
    contents: new Set(),
    emit(finding) {
      findings.push(finding);
      return Promise.resolve();
    },
    complain: (path, detail) => complaints.push({ path, detail }),
    onScanned: (scan) => {
      if (options.listen === true) hints.listen(scan);
    },
    ...options,
  });
  const running = loop.run();
  const stop = async (): Promise<void> => {
    loop.stop();
    await running;
    await hints.close();
  };
  onTestFinished(stop);
  const names = (): string[] =>
    findings
      .filter(({ kind }) => kind === 'analysed')
      .map(({ file }) => file.name)
      .sort();
  return { findings, complaints, loop, analysed: names, stop };
}
