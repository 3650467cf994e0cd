import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Figure } from './figure.ts';
import { withReceiver } from './receiver.ts';

const SCRIPT = fileURLToPath(new URL('peer/plain.py', import.meta.url));
const PYTHON = '/usr/bin/python3';

/**
 * The script that a user would write instead, on the same files and against the same receiver. Empty where Biopython
 * is not installed.
 */
export async function measurePlainScript(folder: string, journal: string, count: number): Promise<Figure[]> {
  if (spawnSync(PYTHON, ['-c', 'import Bio.SeqIO'], { stdio: 'ignore' }).status !== 0) {
    process.stdout.write('the plain script: absent (apt-get install python3-biopython)\n');
    return [];
  }
  return withReceiver([journal], (port) => {
    const run = spawnSync(PYTHON, [SCRIPT, folder, String(port), String(count)], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`bench/peer/plain.py: ${run.stderr}`);
    const [sent = NaN, seconds = NaN, memory = NaN] = run.stdout.trim().split(' ').map(Number);
    const on = `Biopython, no scoring, no queue, no state; ${sent} of the same files, same receiver`;
    return Promise.resolve([
      { what: 'plain script: folder to acknowledgement', value: sent / seconds, unit: 'traces/s', on },
      { what: 'plain script: memory', value: memory, unit: 'MiB', on },
    ]);
  });
}
