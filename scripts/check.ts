import { run, TOOLS } from './tools.ts';

// All tools at once: on a small machine the linter takes as long as the rest together.
const findings = await Promise.all(TOOLS.map((tool) => run(tool, process.cwd())));

for (const { tool, ok, looked, seconds, findings: text } of findings) {
  const files = looked === null ? '' : `${looked} files`;
  process.stdout.write(
    `${ok ? 'ok    ' : 'FAILED'} ${tool.padEnd(21)} ${files.padStart(10)} ${seconds.toFixed(1).padStart(6)} s\n`,
  );
  if (!ok) process.stdout.write(`${text || 'it looked at nothing'}\n\n`);
}
process.exitCode = findings.every(({ ok }) => ok) ? 0 : 1;
