import { errorFields } from "./error-fields.ts";
import type { Log } from "./log.ts";

export type OutageLog = { failed(error: unknown): void; worked(): void };

/** Logs the first failure of work that is repeated. The next ones are not logged until the work has succeeded once. */
export function outageLog(log: Pick<Log, "warn">, message: string): OutageLog {
  let isFailing = false;
  return {
    failed(error) {
      if (!isFailing) log.warn(errorFields(error), message);
      isFailing = true;
    },
    worked() {
      isFailing = false;
    },
  };
}
