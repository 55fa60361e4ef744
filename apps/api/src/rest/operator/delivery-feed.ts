import type { Delivery } from "@call-ledger/contract/operations";
import { WEBHOOKS } from "../../http/paths.ts";
import type { FinishedRequest } from "../../http/request-trace.ts";
import { kindOf, outcomeOf } from "../../http/request-trace.ts";

const MAX_KEPT = 1_000;

/** The newest deliveries to this process, for people who watch them. */
export type DeliveryFeed = {
  /** Takes note of a finished request, if it was a delivery. */
  finished(request: FinishedRequest): void;
  /** The newest first. */
  newest(): readonly Delivery[];
  /** Calls `listener` with each delivery from now on. Returns a function that ends that. */
  follow(listener: (delivery: Delivery) => void): () => void;
};

/** `now` in milliseconds since 1970. */
export function deliveryFeed(now: () => number): DeliveryFeed {
  const kept: Delivery[] = [];
  const followers = new Set<(delivery: Delivery) => void>();
  return {
    finished(request) {
      if (!request.trace.route.startsWith(WEBHOOKS) || request.trace.provider === undefined) return;
      const delivery = deliveryOf(request, request.trace.provider, now());
      kept.push(delivery);
      if (kept.length > MAX_KEPT) kept.shift();
      for (const listener of followers) listener(delivery);
    },
    newest: () => kept.toReversed(),
    follow(listener) {
      followers.add(listener);
      return () => void followers.delete(listener);
    },
  };
}

function deliveryOf(request: FinishedRequest, provider: string, at: number): Delivery {
  const { trace, status, startedAt, endedAt } = request;
  return {
    id: trace.id,
    at: new Date(at).toISOString(),
    account_id: trace.account ?? null,
    provider,
    // The client closed the connection before the answer: nginx's status for that.
    status: status ?? 499,
    outcome: outcomeOf(request),
    reason: trace.reason ?? null,
    event_type: kindOf(trace) ?? null,
    provider_call_id: trace.call,
    event_id: trace.event,
    bytes: trace.bytes,
    took_ms: Math.round((endedAt - startedAt) * 10) / 10,
  };
}
