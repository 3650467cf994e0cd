import { parentPort, workerData } from 'node:worker_threads';
import type { Answer, Question, Setting } from './examiner.ts';
import { scoreFile } from './score-file.ts';
import { appraise } from './watch/examine.ts';
import { toBytes } from './watch/path.ts';
import { readWholeFileSync } from './watch/read-file.ts';

/**
 * The second thread that reads, hashes and scores (src/examiner.ts). It waits for each file, keeps nothing and may be
 * ended at any time.
 */
const { method, pictures } = workerData as Setting;
const port = parentPort;
/** Holds any trace of a sequencer. */
const scratch = Buffer.allocUnsafeSlow(2 ** 20);

port?.on('message', ({ id, errand: { path, maxBytes, worth } }: Question) => {
  const read = readWholeFileSync(toBytes(path), maxBytes, scratch);
  const examined = appraise(read, worth, (bytes, sha256) => scoreFile(bytes, sha256, method, pictures));
  port.postMessage({ id, examined } satisfies Answer);
});
port?.postMessage({ id: null } satisfies Answer);
