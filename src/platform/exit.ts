/** Exit codes of every command (docs/operations.md): people script against them. */
export const EXIT = { done: 0, failed: 1, usage: 2, alreadyRunning: 3 } as const;

/** Ends a command with a message on stderr and an exit code; thrown by commands, caught only in main.ts. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}
