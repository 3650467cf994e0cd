import winston from 'winston';
import type { Config } from '../config/schema.ts';
import { wordsOf } from './words-of.ts';

/** What the program tells its administrator. Never a patient's name, never HL7 text: ids and hashes only. */
export interface Log {
  error(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  debug(message: string, fields?: Fields): void;
}

export type Fields = Readonly<
  Record<string, string | number | boolean | null | undefined | readonly string[]>
>;

/** JSON lines to stdout (or stderr, where stdout belongs to a command), and to a file where config names one. */
export function createLog(options: Config['log'], stream: 'stdout' | 'stderr' | 'none'): Log {
  const transports: winston.transport[] = [];
  if (stream !== 'none') {
    const stderrLevels = stream === 'stderr' ? ['error', 'warn', 'info', 'debug'] : [];
    transports.push(new winston.transports.Console({ stderrLevels }));
  }
  let unwritten: unknown = null;
  if (options.file !== undefined) {
    try {
      transports.push(new winston.transports.File({ filename: options.file }));
    } catch (error) {
      unwritten = error;
    }
  }
  const logger = winston.createLogger({
    level: options.level,
    silent: transports.length === 0,
    format: winston.format.combine(winston.format.timestamp(), winston.format.printf(toLine)),
    transports,
  });
  let told = false;
  const tell = (error: unknown): void => {
    if (told) return;
    told = true;
    logger.error('log.file cannot be written; results go on without it', {
      ...{ file: options.file, error: wordsOf(error) },
      remedy: 'make it and its folder writable for the service, or free space',
    });
  };
  if (unwritten !== null) tell(unwritten);
  // A full log disk must not stop results: winston reports it here instead of throwing.
  logger.on('error', tell);
  return {
    error: (message, fields) => void logger.error(message, fields),
    warn: (message, fields) => void logger.warn(message, fields),
    info: (message, fields) => void logger.info(message, fields),
    debug: (message, fields) => void logger.debug(message, fields),
  };
}

/** Time, level and sentence first, so that a line can be read without a tool. */
function toLine({ timestamp, level, message, ...fields }: winston.Logform.TransformableInfo): string {
  return JSON.stringify({ at: timestamp, level, message, ...fields });
}

export const silentLog: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
