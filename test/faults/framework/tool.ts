import { spawnSync } from 'node:child_process';

/** A call into a dead file system can take for ever; no tool that is used here needs so long. */
const MOST_MS = 60_000;

/** Runs a tool of the machine; what it printed. Throws what it complained about. */
export function tool(command: string, ...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: MOST_MS });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
  return stdout;
}
