import { createWriteStream, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
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
  const logger = winston.createLogger({
    level: options.level,
    silent: transports.length === 0 && options.file === undefined,
    format: winston.format.combine(winston.format.timestamp(), winston.format.printf(toLine)),
    transports,
  });
  const { file } = options;
  if (file !== undefined) keepFile(logger, file);
  return {
    error: (message, fields) => void logger.error(message, fields),
    warn: (message, fields) => void logger.warn(message, fields),
    info: (message, fields) => void logger.info(message, fields),
    debug: (message, fields) => void logger.debug(message, fields),
  };
}

/** How long a log file that cannot be written is left before it is tried again. */
const AGAIN_MS = 60_000;

/** A log file that cannot be written must not stop results: it is told once, left, and tried again. */
function keepFile(logger: winston.Logger, filename: string): void {
  let told = false;
  const lose = (error: unknown): void => {
    setTimeout(add, AGAIN_MS).unref();
    if (told) return;
    told = true;
    logger.error('log.file cannot be written; results go on without it', {
      ...{ file: filename, error: wordsOf(error) },
      remedy: 'make it and its folder writable for the service, or free space',
    });
  };
  const add = (): void => {
    try {
      mkdirSync(dirname(filename), { recursive: true });
      // A stream of our own: winston's file transport keeps an error to itself, and then holds back every other line.
      const stream = createWriteStream(filename, { fd: openSync(filename, 'a') });
      const transport = new winston.transports.Stream({ stream });
      stream.on('error', (error) => {
        logger.remove(transport);
        lose(error);
      });
      logger.add(transport);
    } catch (error) {
      lose(error);
    }
  };
  add();
}

/** Time, level and sentence first, so that a line can be read without a tool. */
function toLine({ timestamp, level, message, ...fields }: winston.Logform.TransformableInfo): string {
  return JSON.stringify({ at: timestamp, level, message, ...fields });
}

export const silentLog: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
