import { parentPort, workerData } from 'node:worker_threads';
import { scoreFile } from './score-file.ts';
import type { Answer, Question, Setting } from './scoring.ts';
import { wordsOf } from './platform/words-of.ts';

/** The second thread that scores (src/scoring.ts). It keeps nothing and may be ended at any time. */
const { method, pictures } = workerData as Setting;
const port = parentPort;

port?.on('message', ({ id, bytes, sha256 }: Question) => {
  try {
    port.postMessage({ id, scored: scoreFile(bytes, sha256, method, pictures) } satisfies Answer);
  } catch (error) {
    const fault = wordsOf(error);
    port.postMessage({ id, fault } satisfies Answer);
  }
});
port?.postMessage({ id: null } satisfies Answer);
