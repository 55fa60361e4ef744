import { failure, halfWay, unreachable } from "../../cli/command.ts";
import { reasonOf } from "../server/unreachable-server.ts";

const TIMEOUT_MS = 60_000;

const MEANINGS: ReadonlyMap<number, string> = new Map([
  [401, "Its key is no longer valid. Copy the deploy hook again from the service's settings."],
  [404, "Render does not know this service or this commit. Was it pushed?"],
  [429, "Render limits the rate of requests. Try again in a minute."],
]);

/** The message of fetch for a port that it never connects to. */
const BAD_PORT = "bad port";

/** Errors of a connection that was never made, so that no order was sent. */
const NOT_SENT = new Set([
  BAD_PORT,
  ...["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"],
  ...["CERT_HAS_EXPIRED", "ERR_TLS_CERT_ALTNAME_INVALID", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  ...["DEPTH_ZERO_SELF_SIGNED_CERT", "SELF_SIGNED_CERT_IN_CHAIN"],
]);

/** `isTaken` is `null` if it is not known whether the hook took the order, and then `found` says so. */
export type Order = { readonly isTaken: true | null; readonly found: string };

/**
 * Asks Render to build and start a commit (https://render.com/docs/deploy-hooks); `null`: the newest of its branch.
 * Throws OpsError if Render did not take the order; with exit code 4 if it answers in a way that does not tell. The
 * hook is a secret, so no message contains it.
 */
export async function callDeployHook(
  hook: URL,
  commit: string | null,
  timeoutMs: number = TIMEOUT_MS,
): Promise<Order> {
  const order = new URL(hook);
  if (commit !== null) order.searchParams.set("ref", commit);
  const answer = await fetch(order, { method: "POST", signal: AbortSignal.timeout(timeoutMs) }).then(
    async (response) => {
      await response.body?.cancel();
      return response.status;
    },
    connectionFault,
  );
  if (typeof answer === "string") {
    if (NOT_SENT.has(answer))
      throw unreachable(`The deploy hook does not answer (${answer}). Nothing was deployed. Try again.`);
    const found = `The deploy hook does not answer (${answer}). It is not known whether it took the order.`;
    return { isTaken: null, found };
  }
  if (answer >= 200 && answer < 300) return { isTaken: true, found: `the hook answered ${answer}` };
  if (answer >= 500) {
    throw halfWay(
      `The deploy hook answered ${answer}. It is not known whether it took the order. See the service's events at Render.`,
    );
  }
  const meaning = MEANINGS.get(answer) ?? "See the service's events at Render.";
  throw failure(`The deploy hook answered ${answer}. Nothing was deployed. ${meaning}`);
}

function connectionFault(error: unknown): string {
  const isBadPort =
    error instanceof Error && error.cause instanceof Error && error.cause.message === BAD_PORT;
  return isBadPort ? BAD_PORT : reasonOf(error);
}
