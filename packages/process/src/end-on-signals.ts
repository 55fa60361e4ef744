import { errorFields } from "./error-fields.ts";
import type { Log } from "./log.ts";
import { stopRequest } from "./stop-request.ts";

export type Ending = {
  readonly log: Log;
  /** The message that is logged when the signal arrives. */
  readonly message: string;
  /** Finishes or gives back the work in progress. Platforms kill the process after 30 s. */
  stop(): Promise<void>;
};

/**
 * On SIGTERM or SIGINT, the process stops and exits with 0; after a second signal it exits with 1 immediately. An
 * uncaught error is logged without its message, and the process exits with 1 because its state is unknown.
 */
export function endOnSignals({ log, message, stop }: Ending): void {
  const die = (error: unknown) => {
    log.error(errorFields(error), "CRITICAL: the process ends because of an error that nobody caught");
    process.exit(1);
  };
  const { signal } = stopRequest({ again: () => process.exit(1) });
  signal.addEventListener("abort", () => {
    log.info({ signal: signal.reason.message }, message);
    stop().then(() => process.exit(0), die);
  });
  process.on("uncaughtException", die);
  process.on("unhandledRejection", die);
}
