import { execFile } from 'node:child_process';
import { z } from 'zod';

/** One tool of `npm run check`. */
interface Tool {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** How many files it looked at, by its own word; null where it does not tell. */
  readonly looked: (output: string) => number | null;
  /** The part of its output that a person wants to see. */
  readonly findings: (output: string) => string;
}

export interface Finding {
  readonly tool: string;
  readonly ok: boolean;
  readonly looked: number | null;
  readonly findings: string;
  readonly seconds: number;
}

const lintResults = z.array(
  z.object({
    filePath: z.string(),
    messages: z.array(
      z.object({
        line: z.number().optional(),
        column: z.number().optional(),
        ruleId: z.string().nullable(),
        message: z.string(),
      }),
    ),
  }),
);

const asItIs = (output: string) => output.trim();
const silent = () => null;

export const TOOLS: readonly Tool[] = [
  {
    name: 'types',
    command: ['tsc', '-p', '.', '--listFiles'],
    looked: (output) =>
      output.split('\n').filter((line) => line.startsWith('/') && !line.includes('/node_modules/')).length,
    findings: (output) =>
      output
        .split('\n')
        .filter((line) => !line.startsWith('/'))
        .join('\n')
        .trim(),
  },
  {
    name: 'lint',
    command: ['eslint', '.', '--max-warnings', '0', '--format', 'json'],
    looked: (output) => lintResults.parse(JSON.parse(output)).length,
    findings: (output) =>
      lintResults
        .parse(JSON.parse(output))
        .flatMap(({ filePath, messages }) =>
          messages.map(
            ({ line = 0, column = 0, ruleId, message }) =>
              `${filePath}:${line}:${column} ${message} (${ruleId})`,
          ),
        )
        .join('\n'),
  },
  { name: 'format', command: ['prettier', '--list-different', '.'], looked: silent, findings: asItIs },
  { name: 'unused', command: ['knip'], looked: silent, findings: asItIs },
  {
    // Without the tests: what only a test uses is unused.
    name: 'unused in production',
    command: ['knip', '--production'],
    looked: silent,
    findings: asItIs,
  },
  {
    name: 'dependencies',
    command: ['depcruise', '--config', '.dependency-cruiser.js', 'src', 'test', 'bench', 'scripts'],
    looked: (output) => Number(/\((\d+) modules|(\d+) modules/.exec(output)?.slice(1).find(Boolean) ?? 0),
    findings: asItIs,
  },
];

/** Runs one tool over the tree at `folder`. A tool that looked at nothing has failed, whatever its exit code. */
export async function run(tool: Tool, folder: string): Promise<Finding> {
  const [command, ...args] = tool.command;
  const start = performance.now();
  const { failed, output } = await new Promise<{ failed: boolean; output: string }>((resolve) => {
    execFile(
      command,
      args,
      { cwd: folder, maxBuffer: 64 * 1024 * 1024, env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' } },
      (error, stdout, stderr) => {
        resolve({ failed: error !== null, output: stdout || stderr || (error?.message ?? '') });
      },
    );
  });
  const seconds = (performance.now() - start) / 1000;
  try {
    const looked = tool.looked(output);
    return { tool: tool.name, ok: !failed && looked !== 0, looked, findings: tool.findings(output), seconds };
  } catch {
    // It did not come as far as its report: what it said instead is the finding.
    return { tool: tool.name, ok: false, looked: 0, findings: output.trim(), seconds };
  }
}
