import type { Machine } from './machine.ts';

/** What was done on a machine and what it answered, for people to read; printed as it happens. */
export interface Transcript {
  readonly heading: (text: string) => void;
  readonly say: (text: string) => void;
  /** Runs a command as a user would, and returns its output. */
  readonly type: (machine: Machine, command: string) => string;
  /** All of it, as Markdown. */
  readonly text: () => string;
}

const PREFACE = `# Installed on a fresh Debian

What \`npm run test:package -- --transcript docs/install-transcript.md\` typed, as root on machines made for it, and what they
answered. Each begins as the smallest Debian with systemd, without a network. The LIS is \`raisingd lis listen\`.`;

export function createTranscript(print: (text: string) => void): Transcript {
  const parts: string[] = [];
  const write = (text: string): void => {
    parts.push(text);
    print(`${text}\n\n`);
  };
  return {
    heading: (text) => write(`## ${text}`),
    say: write,
    type(machine, command) {
      const output = machine.run(command).trimEnd();
      write(['```console', `# ${command}`, ...(output === '' ? [] : [output]), '```'].join('\n'));
      return output;
    },
    text: () => `${[PREFACE, ...parts].join('\n\n')}\n`,
  };
}
