import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { withReceiver } from './receiver.ts';

const SCRIPT = fileURLToPath(new URL('peer/plain.py', import.meta.url));
const PYTHON = '/usr/bin/python3';

/** Runs on a folder of traces; gives traces a second and the largest memory, MiB. */
export type PlainScript = (folder: string) => Promise<{ readonly rate: number; readonly memory: number }>;

/**
 * The script that a user would write instead, against a receiver as the service has it. Null where Biopython is not
 * installed.
 * @param journal file of its receiver
 * @param most files of a folder that it takes
 */
export function findPlainScript(journal: string, most: number): PlainScript | null {
  if (spawnSync(PYTHON, ['-c', 'import Bio.SeqIO'], { stdio: 'ignore' }).status !== 0) {
    process.stdout.write('the plain script: absent (apt-get install python3-biopython)\n');
    return null;
  }
  return (folder) =>
    withReceiver([journal], (port) => {
      const run = spawnSync(PYTHON, [SCRIPT, folder, String(port), String(most)], { encoding: 'utf8' });
      if (run.status !== 0) throw new Error(`bench/peer/plain.py: ${run.stderr}`);
      const [sent = NaN, seconds = NaN, memory = NaN] = run.stdout.trim().split(' ').map(Number);
      return Promise.resolve({ rate: sent / seconds, memory });
    });
}
