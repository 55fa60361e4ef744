import type { AccountContact } from "@call-ledger/db/access";
import { expect, test } from "vitest";
import type { FinishedRequest, RequestTrace } from "../http/request-trace.ts";
import { accountContacts } from "./account-contacts.ts";

function request(trace: Partial<RequestTrace>): FinishedRequest {
  const known = { id: "one", provider: "vapi", route: "/api/webhooks/vapi", account: "a", key: undefined };
  const rest = {
    reason: undefined,
    type: undefined,
    events: undefined,
    event: null,
    call: null,
    bytes: null,
    ended: {},
  };
  return {
    trace: { ...known, ...rest, outcome: "applied", ...trace },
    status: 200,
    startedAt: 0,
    endedAt: 1,
  };
}

test("the last contact of each account is written once, and again if the write failed", async () => {
  const written: (readonly AccountContact[])[] = [];
  let isAway = true;
  const contacts = accountContacts({
    async write(batch) {
      if (isAway) throw new Error("the database is away");
      written.push(batch);
    },
    now: () => 7,
  });
  contacts.finished(request({}));
  contacts.finished(request({ outcome: "refused", reason: "wrong_proof" }));
  contacts.finished(request({ account: undefined }));
  contacts.finished(request({ route: "/api/v1/calls" }));
  await contacts.flush();
  isAway = false;
  await contacts.flush();
  await contacts.flush();
  expect(written).toEqual([[{ accountId: "a", verifiedAt: 7, refusedAt: 7, refusal: "wrong_proof" }]]);
});
