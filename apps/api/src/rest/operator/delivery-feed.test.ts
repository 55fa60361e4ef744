import { expect, test } from "vitest";
import type { FinishedRequest, RequestTrace } from "../../http/request-trace.ts";
import { deliveryFeed } from "./delivery-feed.ts";

const ACCOUNT = "00000000-0000-4000-8000-000000000001";

function request(trace: Partial<RequestTrace> = {}, status: number | null = 200): FinishedRequest {
  const route = "/api/webhooks/vapi";
  const known = {
    id: "one",
    provider: "vapi",
    route,
    outcome: "applied",
    account: ACCOUNT,
    type: "status-update",
  };
  return {
    trace: {
      ...known,
      reason: undefined,
      key: undefined,
      events: 1,
      event: "vapi:event-1",
      call: "call-1",
      bytes: 420,
      ended: {},
      ...trace,
    },
    status,
    startedAt: 10,
    endedAt: 12.34,
  };
}

test("a delivery is kept, and passed to followers until they stop", () => {
  const feed = deliveryFeed(() => Date.UTC(2026, 2, 4));
  const seen: string[] = [];
  const stop = feed.follow(({ id }) => void seen.push(id));
  feed.finished(request());
  stop();
  feed.finished(request({ id: "two", outcome: "no_room", account: undefined }, 503));
  expect(seen).toEqual(["one"]);
  expect(feed.newest()).toMatchObject([
    { id: "two", status: 503, outcome: "no_room", account_id: null },
    {
      id: "one",
      at: "2026-03-04T00:00:00.000Z",
      account_id: ACCOUNT,
      took_ms: 2.3,
      provider_call_id: "call-1",
      event_id: "vapi:event-1",
    },
  ]);
});

test("the newest thousand are kept, and other requests are not", () => {
  const feed = deliveryFeed(() => 0);
  for (let n = 0; n < 1_005; n += 1) feed.finished(request({ id: `delivery-${n}` }));
  feed.finished(request({ route: "/api/v1/calls" }));
  expect(feed.newest()).toHaveLength(1_000);
  expect(feed.newest()[0]?.id).toBe("delivery-1004");
});

test("a kind of another form is shown as other, and an aborted request as aborted", () => {
  const feed = deliveryFeed(() => 0);
  feed.finished(request({ type: "call me +15550100" }, null));
  expect(feed.newest()).toMatchObject([{ event_type: "other", outcome: "aborted", status: 499 }]);
});
