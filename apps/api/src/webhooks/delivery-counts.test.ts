import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import type { DeliveryCount } from "@call-ledger/db/alerts";
import { expect, test } from "vitest";
import type { FinishedRequest } from "../http/request-trace.ts";
import { deliveryCounts } from "./delivery-counts.ts";

const NOW = Date.UTC(2026, 2, 12, 15, 30, 42);
const PLATFORM = PLATFORM_ACCOUNTS.vapi ?? "";

function request(
  outcome: string,
  status: number | null,
  more: Partial<FinishedRequest["trace"]> = {},
): FinishedRequest {
  const trace = {
    id: "r",
    provider: "vapi",
    account: PLATFORM,
    route: "/api/webhooks/vapi",
    outcome,
    reason: undefined,
    type: undefined,
    key: undefined,
    events: undefined,
    event: null,
    ended: {},
    ...more,
  };
  return { trace: trace as FinishedRequest["trace"], status, startedAt: 0, endedAt: 1 };
}

function counting() {
  const written: DeliveryCount[][] = [];
  let fails = false;
  let now = NOW;
  const counts = deliveryCounts({
    now: () => now,
    async write(batch) {
      if (fails) throw new Error("the database is away");
      written.push([...batch]);
    },
  });
  return {
    counts,
    written,
    fail: (on: boolean) => {
      fails = on;
    },
    advance: (ms: number) => {
      now += ms;
    },
  };
}

test("a thousand requests are written as one row by one statement", async () => {
  const { counts, written } = counting();
  for (let n = 0; n < 1_000; n += 1) counts.finished(request("applied", 200));
  counts.finished(request("refused", 401, { reason: "wrong_proof" }));
  counts.finished(request("refused", 401, { reason: "stale_timestamp" }));
  counts.finished(request("refused", 401, { reason: "no_proof" }));
  counts.finished(request("unavailable", 503));
  await counts.flush();
  await counts.flush();
  const at = Date.UTC(2026, 2, 12, 15, 30);
  expect(written).toEqual([
    [{ accountId: PLATFORM, at, accepted: 1_000, refused: 2, unproven: 1, failing: 1 }],
  ]);
});

test("an answer that says nothing about a known account is not counted", async () => {
  const { counts, written } = counting();
  counts.finished(request("refused", 401, { account: undefined, reason: "unknown_account" }));
  counts.finished(request("too_large", 413, { account: undefined }));
  counts.finished(request("applied", null));
  counts.finished(request("rejected", 404, { provider: undefined, account: undefined, route: "none" }));
  await counts.flush();
  expect(written).toEqual([]);
});

test("a failure before the account is known counts for the platform's", async () => {
  const { counts, written } = counting();
  counts.finished(request("unavailable", 503, { account: undefined }));
  await counts.flush();
  expect(written[0]).toMatchObject([{ accountId: PLATFORM, failing: 1 }]);
});

test("counts that cannot be written are kept; failures then count for the time of the last try", async () => {
  const { counts, written, fail, advance } = counting();
  fail(true);
  counts.finished(request("applied", 200));
  counts.finished(request("unavailable", 503));
  await counts.flush();
  advance(7_200_000);
  await counts.flush();
  counts.finished(request("unavailable", 503));
  fail(false);
  await counts.flush();
  const [atFirst, later] = [NOW, NOW + 7_200_000].map((at) => Math.floor(at / 60_000) * 60_000);
  const total = (at: number | undefined) =>
    written
      .flat()
      .filter((count) => count.at === at)
      .reduce((sum, { accepted, failing }) => sum + 10 * accepted + failing, 0);
  expect([total(atFirst), total(later)]).toEqual([10, 2]);
});
