import { type DestinationStream, pino } from "pino";

/** Structured log lines on standard output. Callers name each field, and log no body, header, URL or error message. */
export type Log = {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
};

export type LogFields = Readonly<
  Record<string, string | number | boolean | null | undefined | readonly string[]>
>;

/** A line is written after this time at the latest. Writing each line on its own would cost more than making it. */
const FLUSH_MS = 100;
const MAX_GATHERED = 8 * 1024;

/**
 * `level` is pino's. Lines are collected for 0.1 s and written in the background, so that a slow reader blocks nothing.
 * They are flushed at exit.
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
