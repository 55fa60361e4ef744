import { type DestinationStream, pino } from "pino";

/** Structured lines on standard output. Each field is named: no body, header, URL or error message is logged. */
export type Log = {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
};

export type LogFields = Readonly<
  Record<string, string | number | boolean | null | undefined | readonly string[]>
>;

/** A line is written at the latest after this; a line a write would cost more than the line. */
const FLUSH_MS = 100;
const MAX_GATHERED = 8 * 1024;

/**
 * `level` is pino's. Lines are gathered for a tenth of a second and written in the background, so that a reader who
 * stalls holds nothing up, and flushed at exit.
 */
export function createLog(level: string, destination: DestinationStream = standardOutput()): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, destination);
}

function standardOutput(): DestinationStream {
  return pino.destination({ sync: false, minLength: MAX_GATHERED, periodicFlush: FLUSH_MS });
}
