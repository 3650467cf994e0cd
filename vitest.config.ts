import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Processes, not threads: signals, exit codes and working directories are tested for real.
    pool: 'forks',
    // Many tests wait for processes and sockets: more than the cores keep both busy.
    maxWorkers: 3,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    // Generous, for a machine that is busy with something else; no test waits for time to pass.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
