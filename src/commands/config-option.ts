import { Option } from 'commander';
import { formatFault } from '../config/faults.ts';
import { DEFAULT_CONFIG_FILE, loadConfig, type LoadedConfig } from '../config/load.ts';
import { CommandError, EXIT } from '../platform/exit.ts';
import { speak } from './speak.ts';

export function configOption(): Option {
  return new Option(
    '-c, --config <file>',
    `configuration file (default: ${DEFAULT_CONFIG_FILE}, else built-in defaults)`,
  );
}

/** The configuration that a command works with; a CommandError with every fault where it cannot be used. */
export function requireConfig(file: string | undefined): LoadedConfig {
  const read = loadConfig(file ?? null);
  if (read.ok) return read;
  throw new CommandError(
    [speak().common.configUnusable, ...read.faults.map(formatFault)].join('\n'),
    EXIT.usage,
  );
}
