import type { OpsError } from "../../cli/command.ts";
import { unreachable } from "../../cli/command.ts";

/** What a request that got no answer means to an operator. */
export function nobodyAt(url: URL, error: unknown): OpsError {
  return unreachable(`Nothing answers at ${url.origin} (${reasonOf(error)}). Is the server running?`);
}

/** The code of the connection's error, or the name of what went wrong: no message, it could quote the request. */
function reasonOf(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  if (typeof cause !== "object" || cause === null) return "unknown";
  const code: unknown = Reflect.get(cause, "code");
  if (typeof code === "string") return code;
  return cause instanceof Error ? cause.name : "unknown";
}
