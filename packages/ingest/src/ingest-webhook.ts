import type { DeliveryOutcome } from "@call-ledger/db/write";
import type { ProviderAdapter, Question, RequestHead, Verification } from "@call-ledger/providers";
import { callOf, eventIdsOf } from "./delivery-content.ts";
import type { DeliveryReader } from "./delivery-reader.ts";
import type { IngestOutcome } from "./ingest-outcome.ts";
import type { IngestPorts, ReceivingAccount } from "./ingest-ports.ts";
import { refusedByQueue } from "./ledger-errors.ts";
import type { PreparedBooking } from "./prepare-booking.ts";
import { hasManyParts, LARGE_BODY } from "./read-aside.ts";
import type { VerifiedDelivery } from "./read-delivery.ts";
import { readDelivery } from "./read-delivery.ts";

/** One request to a webhook endpoint. */
export type IncomingRequest = {
  readonly adapter: ProviderAdapter;
  /** The account's id in the path; `null`: the platform's own account. */
  readonly accountId: string | null;
  readonly head: RequestHead;
  readonly body: IncomingBody;
};

/** The body of a request, which has not been read yet. */
export type IncomingBody = {
  /**
   * Reads the body. `accountId` is the account whose secret the headers have proven, `null` if they have proven none
   * yet. Called at most once. May throw.
   */
  read(accountId: string | null): Promise<Uint8Array>;
  /** Called when the body has proven the account's secret. May throw. */
  verified(accountId: string): void;
};

/** The steps of a delivery that take measurable time. */
export type IngestStep = "verify" | "read" | "book";

/** A delivery that was read, in the form in which it is kept until it is booked. */
type Received = {
  readonly accountId: string;
  readonly type: string;
  readonly providerCallId: string | null;
  readonly eventIds: readonly string[];
  readonly question: Question | null;
  /** `null`: the ledger has the delivery already. */
  readonly prepared: PreparedBooking | null;
  /** The used part of the sender's time in milliseconds. */
  readonly spentMs: number;
};

const DUPLICATE: DeliveryOutcome = { outcome: "duplicate", reason: null, providerAgentId: null };

/**
 * Verifies, reads and books a delivery, in this order. No body is read for a sender without a credential, no body is
 * parsed before it is verified, and no delivery is answered before it is stored. Throws the errors of the ports and of
 * the body.
 */
export async function ingestWebhook(
  ports: IngestPorts,
  incoming: IncomingRequest,
  ended: (step: IngestStep) => void = () => undefined,
): Promise<IngestOutcome> {
  const received = await receive(ports, incoming, ended);
  if ("outcome" in received) return received;
  const { accountId, type, providerCallId, eventIds, question, prepared, spentMs } = received;
  const booked = prepared === null ? DUPLICATE : await ports.booking.book(prepared, spentMs);
  if (prepared !== null && booked.outcome === "quarantined" && incoming.accountId !== null) {
    ports.budget.quarantined(prepared.origin.accountId, prepared.bytes);
  }
  ended("book");
  const answer = question === null ? undefined : incoming.adapter.answer(question, booked.providerAgentId);
  const common = { accountId, type, providerCallId, eventIds, answer };
  return booked.outcome === "quarantined"
    ? { ...common, outcome: booked.outcome, reason: booked.reason ?? "refused" }
    : { ...common, outcome: booked.outcome };
}

/** Returns the outcome of a delivery that is not booked, otherwise everything that booking needs. */
async function receive(
  { accountOf, booking, reader, budget, now, toleranceMs }: IngestPorts,
  { adapter, accountId, head, body: source }: IncomingRequest,
  ended: (step: IngestStep) => void,
): Promise<IngestOutcome | Received> {
  const { provider } = adapter;
  const askedAt = now();
  const account = await accountOf(provider, accountId, head);
  const credential = account?.credential ?? adapter.decoy;
  const lookUpMs = now() - askedAt;
  const fromHead = credential.verifyHead(head, now(), toleranceMs);
  if (fromHead !== null && !isProven(fromHead, account)) return refused(fromHead, account);
  const body = await source.read(fromHead === null ? null : (account?.id ?? null));
  // The sender's time counts from the moment when the body has arrived.
  const receivedAt = now();
  const spentMs = () => Math.max(0, lookUpMs + now() - receivedAt);
  const isLarge = body.length >= LARGE_BODY;
  const owner = account?.id ?? "";
  const verify = () => fromHead ?? credential.verify({ ...head, body }, receivedAt, toleranceMs);
  const verification = isLarge ? await reader.inTurn(owner, verify) : verify();
  ended("verify");
  if (account === null || !verification.verified) return refused(verification, account);
  if (fromHead === null) source.verified(account.id);
  if (accountId !== null) budget.admit(account.id, body.length);

  const verified = {
    provider,
    accountId: account.id,
    receivedAt,
    providerDeliveryId: verification.deliveryId,
    body,
  };
  const isRead = () => ended("read");
  const { type, question, content } =
    isLarge || hasManyParts(body)
      ? await readInThread(verified, spentMs(), reader, isRead)
      : await readHere(adapter, verified, { reader, booking }, isRead);
  if (content === null) return observed(account.id, type);
  return { accountId: account.id, type, question, ...content, spentMs: spentMs() };
}

/** A body that was read. `content` is `null` if nothing of it is stored. */
type Reading = Pick<Received, "type" | "question"> & {
  readonly content: Pick<Received, "providerCallId" | "eventIds" | "prepared"> | null;
};

async function readInThread(
  verified: VerifiedDelivery,
  spentMs: number,
  reader: DeliveryReader,
  isRead: () => void,
): Promise<Reading> {
  const { type, question, prepared } = await reader.readAside(verified, spentMs).catch(refusedByQueue);
  isRead();
  if (prepared === null) return { type, question, content: null };
  const { providerCallId, eventIds } = prepared;
  return { type, question, content: { providerCallId, eventIds, prepared } };
}

async function readHere(
  adapter: ProviderAdapter,
  verified: VerifiedDelivery,
  { reader, booking }: Pick<IngestPorts, "reader" | "booking">,
  isRead: () => void,
): Promise<Reading> {
  const { accountId } = verified;
  const { type, question, delivery } = await reader.inTurn(accountId, () => readDelivery(adapter, verified));
  isRead();
  if (delivery === null) return { type, question, content: null };
  const isBooked = await booking.isBooked(delivery);
  const prepared = isBooked ? null : await reader.inTurn(accountId, () => booking.prepare(delivery));
  return {
    type,
    question,
    content: { providerCallId: callOf(delivery), eventIds: eventIdsOf(delivery), prepared },
  };
}

/** A delivery for an account that does not exist is never verified. */
function isProven(verification: Verification, account: ReceivingAccount | null): boolean {
  return verification.verified && account !== null;
}

function refused(verification: Verification, account: ReceivingAccount | null): IngestOutcome {
  const known = account !== null && !verification.verified;
  return {
    outcome: "refused",
    because: known ? verification.because : "unknown_account",
    accountId: account?.id ?? null,
  };
}

function observed(accountId: string, type: string): IngestOutcome {
  return { outcome: "observed", accountId, type, providerCallId: null, eventIds: [], answer: undefined };
}
