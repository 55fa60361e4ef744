import type { IngestOutcome } from "@call-ledger/ingest";
import type { Reply } from "../http/reply.ts";
import { problem } from "../http/reply.ts";

const REFUSED = problem(401, "Unauthorized", { "www-authenticate": "Bearer" });

/**
 * The reply to a delivery. 2xx means that the delivery is stored, or has nothing that is stored. A question is answered
 * with 200 in both cases, because the provider ignores every other status.
 */
export function replyTo(ingested: IngestOutcome): Reply {
  if (ingested.outcome === "refused") return REFUSED;
  if (ingested.answer !== undefined) return { status: 200, body: ingested.answer ?? undefined };
  const { outcome } = ingested;
  if (outcome === "quarantined") {
    return { status: 202, body: { received: true, outcome, reason: ingested.reason } };
  }
  return { status: 200, body: { received: true, outcome, eventIds: ingested.eventIds } };
}
