import type { OpsError } from "../../cli/command.ts";
import { unreachable } from "../../cli/command.ts";

/** Returns the failure of a request without an answer, for an operator. */
export function unreachableServer(url: URL, error: unknown): OpsError {
  return unreachable(`Nothing answers at ${url.origin} (${reasonOf(error)}). ${IS_IT_RUNNING}`);
}

export const IS_IT_RUNNING = "Is the server running?";

/**
 * Returns the code of the connection's error, or the error's name. The message is left out, because it could quote the
 * request.
 */
export function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  if (typeof cause !== "object" || cause === null) return "unknown";
  const code: unknown = Reflect.get(cause, "code");
  if (typeof code === "string") return code;
  return cause instanceof Error ? cause.name : "unknown";
}
