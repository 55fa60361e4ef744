import { createHash } from "node:crypto";
import type { DeliveryOutcome, DeliveryToRecord } from "@call-ledger/db/write";
import { eventKeys } from "@call-ledger/domain";
import type { ProviderAdapter, Question, ReadDelivery, SignedRequest } from "@call-ledger/providers";
import { sha256 } from "@call-ledger/providers";
import type { IngestOutcome } from "./ingest-outcome.ts";
import type { IngestPorts } from "./ingest-ports.ts";

/** One request to a webhook endpoint. */
export type IncomingRequest = {
  readonly adapter: ProviderAdapter;
  /** As the path names it; `null`: the platform's own account. */
  readonly accountId: string | null;
  readonly request: SignedRequest;
};

/** The steps of a delivery that take time. */
export type IngestStep = "verify" | "read" | "book";

type Asked = {
  readonly type: string;
  readonly eventIds: readonly string[];
  readonly question: Question | null;
  readonly ended: (step: IngestStep) => void;
};

type Bookable = Exclude<ReadDelivery, { readonly reads: "chatter" }>;

/**
 * Verifies, reads and books a delivery, in this order: nothing is parsed before it is verified, nothing is answered
 * before it is stored. Throws what the ports throw.
 */
export async function ingestWebhook(
  ports: IngestPorts,
  { adapter, accountId, request }: IncomingRequest,
  ended: (step: IngestStep) => void = () => undefined,
): Promise<IngestOutcome> {
  const receivedAt = ports.now();
  const account = await ports.accountOf(adapter.provider, accountId);
  const spentMs = Math.max(0, ports.now() - receivedAt);
  const verification = (account?.credential ?? adapter.decoy).verify(request, receivedAt);
  ended("verify");
  if (!verification.verified || account === null) return { outcome: "refused" };

  const read = adapter.read(request.body);
  if (read.reads === "chatter") {
    return { outcome: "observed", type: read.type, eventIds: [], answer: undefined };
  }
  const delivery: DeliveryToRecord = {
    provider: adapter.provider,
    accountId: account.id,
    receivedAt,
    providerDeliveryId: verification.deliveryId,
    type: read.type,
    get payload() {
      return read.payload;
    },
    content: contentOf(read, adapter.provider, account.id, request.body),
  };
  const { type, content } = delivery;
  const eventIds = "events" in content ? content.events.map((event) => event.eventId) : [];
  ended("read");
  // Not awaited here: what waits for the database should hold neither the body nor what was read of it.
  return outcomeOf(ports.book(delivery, spentMs), adapter, {
    type,
    eventIds,
    question: read.question,
    ended,
  });
}

async function outcomeOf(
  booking: Promise<DeliveryOutcome>,
  adapter: ProviderAdapter,
  { type, eventIds, question, ended }: Asked,
): Promise<IngestOutcome> {
  const booked = await booking;
  ended("book");
  const answer = question === null ? undefined : adapter.answer(question, booked.providerAgentId);
  const told = { type, eventIds, answer };
  return booked.outcome === "quarantined"
    ? { ...told, outcome: booked.outcome, reason: booked.reason ?? "refused" }
    : { ...told, outcome: booked.outcome };
}

function contentOf(
  read: Bookable,
  provider: string,
  accountId: string,
  body: Uint8Array,
): DeliveryToRecord["content"] {
  if (read.reads === "nothing") {
    // The bytes as they came: two that differ only in what was removed are two deliveries.
    const digest = createHash("sha256").update(body).digest("base64url");
    return { refusal: read.reason, detail: null, contentKey: `${read.reason}:${digest}` };
  }
  const { providerCallId, facts, events, question } = read;
  const origin = { provider, accountId, providerCallId };
  return {
    providerCallId,
    facts,
    events: events.map((event) => ({ ...eventKeys(origin, facts, event, sha256), event })),
    wantsAgent: question?.asks === "agent",
  };
}
