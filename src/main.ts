import { CommanderError } from 'commander';
import { knownFailure } from './commands/known-failure.ts';
import { createProgram } from './commands/program.ts';
import { CommandError, EXIT } from './platform/exit.ts';

// `raisingd score … | head` is no fault: whoever reads has enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.done);
});

try {
  await createProgram().parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** The only place where an error becomes an exit code. Commander has written its own message already. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof CommandError) {
    process.stderr.write(`raisingd: ${error.message}\n`);
    return error.exitCode;
  }
  const known = knownFailure(error);
  if (known !== null) {
    process.stderr.write(`raisingd: ${known}\n`);
    return EXIT.failed;
  }
  process.stderr.write(
    `raisingd: unexpected error\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT.failed;
}
