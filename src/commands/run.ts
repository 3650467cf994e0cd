import type { Command } from 'commander';
import { watchConfig } from '../config-watch.ts';
import { loadConfig } from '../config/load.ts';
import { systemClock } from '../platform/clock.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import { createLog, type Log } from '../platform/log.ts';
import { createNotify } from '../platform/notify.ts';
import { programVersion } from '../platform/version.ts';
import { tellOfFailedStart } from '../service-failure.ts';
import { startService, type Service, type ServiceDeps } from '../service.ts';
import { lockHolder } from '../store/lock.ts';
import { configOption, requireConfig } from './config-option.ts';
import { wordsOf } from '../platform/words-of.ts';

/** After its end a service may still finish what it is writing. */
const EXIT_MS = 5000;

/** A start that fails says so in the log, where an administrator looks, and as an alarm; systemd tries again. */
async function start(deps: ServiceDeps): Promise<Service | null> {
  try {
    return startService(deps);
  } catch (error) {
    const words = wordsOf(error);
    deps.log.error('The service cannot start', { error: words });
    await tellOfFailedStart(error, { ...deps, config: deps.loaded.config });
    throw new CommandError(`the service cannot start: ${words}`, EXIT.failed, { cause: error });
  }
}

export function addRunCommand(program: Command): void {
  program
    .command('run')
    .description('The service: watches, scores and delivers until it is told to stop.')
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nSIGTERM or SIGINT stops it, SIGHUP makes it read the configuration again, and so does saving it. It logs JSON lines to stdout.' +
        '\nExit code 2: the configuration is invalid. 3: the data folder is served by another process.',
    )
    .action(async (options: { config?: string }) => {
      const loaded = requireConfig(options.config);
      const log = createLog(loaded.config.log, 'stdout');
      outliveOutput(log);
      // Heard from the first moment on: a SIGHUP that nobody hears would end the service.
      let reload: (() => void) | null = null;
      const asked = { reload: false };
      process.on('SIGHUP', () => {
        if (reload === null) asked.reload = true;
        else reload();
      });
      const service = await start({
        loaded,
        // What it was started with: a default file that is gone is a fault, and no reason to run on the defaults.
        load: () => loadConfig(loaded.source),
        clock: systemClock,
        log,
        notify: createNotify(process.env, log),
        version: programVersion(),
      });
      if (service === null) {
        throw new CommandError(
          `${loaded.config.dataDir} is served by another raisingd already${holder(loaded.config.dataDir)}`,
          EXIT.alreadyRunning,
        );
      }
      reload = () => void service.reload();
      if (asked.reload) reload();
      const watch =
        loaded.source === null ? null : watchConfig(loaded.source, () => void service.reload('saved'));
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void service.stop());
      const failure = await service.ended;
      watch?.stop();
      // Whatever is still waited for: systemd starts only what has ended.
      setTimeout(() => process.exit(), EXIT_MS).unref();
      if (failure !== null) {
        throw new CommandError('the service ended because of an error; the log says which', EXIT.failed, {
          cause: failure,
        });
      }
      process.exitCode = EXIT.done;
    });
}

/** Results go on where nobody reads what is logged any more, or its disk is full. */
function outliveOutput(log: Log): void {
  let told = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.removeAllListeners('error').on('error', (error: Error) => {
      if (told) return;
      told = true;
      log.error('What is logged can no longer be written out; log.file, where there is one, still has it', {
        error: wordsOf(error),
      });
    });
  }
}

function holder(dataDir: string): string {
  const pid = lockHolder(dataDir)?.pid ?? null;
  return pid === null ? '' : ` (process ${pid}): stop that one first, or set another dataDir`;
}
