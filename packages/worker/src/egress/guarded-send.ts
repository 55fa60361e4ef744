import { EgressFault } from "./egress-fault.ts";
import { ask } from "./guarded-fetch.ts";
import { allowedUrl, hostOf } from "./host-rules.ts";
import { retryAfterMs } from "./retry-after.ts";
import type { ConnectionPorts } from "./secure-connection.ts";
import { withTimeLimit } from "./time-limit.ts";

type Sending = {
  readonly method: "POST" | "PATCH";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as JSON text. */
  readonly body: string;
};

/** From the first connection to the headers of the answer. */
const ANSWER = { ms: 15_000, reason: "there is no answer in time" };

/**
 * Sends JSON over https to a public address at port 443, or to a host and port of `testHosts`. The answer's body is not
 * read. A redirect is not followed and counts as an answer that is not 2xx. Throws EgressFault (`passing` with the
 * status for an answer that is not 2xx), or the signal's reason.
 */
export async function guardedSend(
  { method, url, headers, body }: Sending,
  { network, rules: { testHosts }, ca }: ConnectionPorts,
  signal: AbortSignal,
): Promise<void> {
  const own = URL.parse(url);
  const rules = { hosts: own === null ? [] : [hostOf(own)], testHosts };
  const target = allowedUrl(url, rules);
  const sent = {
    method,
    headers: {
      ...headers,
      "content-type": "application/json",
      "content-length": String(Buffer.byteLength(body)),
      "user-agent": "call-ledger",
    },
    body,
  } as const;
  const connection = { network, rules, ca };
  const response = await withTimeLimit(ANSWER, signal, (limited) => ask(target, sent, connection, limited));
  response.destroy();
  const status = response.statusCode ?? 0;
  if (status >= 200 && status < 300) return;
  throw new EgressFault("passing", `the answer was HTTP ${status}`, {
    status,
    retryAfterMs: retryAfterMs(response.headers["retry-after"], Date.now()),
  });
}
