import { signVapi } from "@call-ledger/providers/testing/vapi";
import { expect, test, vi } from "vitest";
import type { Received } from "../harness/deliveries.ts";
import { message, send } from "../harness/deliveries.ts";
import { NO_DATABASE, SECRET, startApi } from "../harness/running-api.ts";
import { useApiWithoutDatabase } from "../harness/use-api.ts";

const api = useApiWithoutDatabase();

const BODY = message("speech-update", "call-1");
const MINUTE = 60_000;
const signed = (age = 0, secret = SECRET) => signVapi(BODY, secret, Date.now() - age);

function post(path: string, headers: Readonly<Record<string, string>>): Promise<Received> {
  return send(`${api.url}${path}`, { method: "POST", headers, body: BODY });
}

/** All parts of a reply that a sender sees, except the request id and the time. */
function seen({ status, headers, text }: Received): unknown {
  const shown = [...headers].filter(([name]) => name !== "x-request-id" && name !== "date");
  return { status, text, headers: Object.fromEntries(shown) };
}

const OTHER_ACCOUNT = "/api/webhooks/vapi/00000000-0000-4000-8000-000000000001";
const PLATFORM = "/api/webhooks/vapi";

test("a valid signature does not get 401", async () => {
  expect((await post(PLATFORM, signed())).status).toBe(200);
});

test("every refusal looks the same: nothing shows what was wrong, or which accounts exist", async () => {
  const refusals = await Promise.all([
    post(PLATFORM, {}),
    post(PLATFORM, { "x-vapi-signature": "invalid" }),
    post(PLATFORM, { ...signed(), "x-vapi-signature": "0".repeat(64) }),
    post(PLATFORM, signed(0, "another-secret")),
    post(PLATFORM, signed(25 * 60 * MINUTE)),
    post(PLATFORM, signed(-6 * MINUTE)),
    post(PLATFORM, { "x-vapi-secret": "wrong" }),
    post(PLATFORM, { authorization: "Bearer wrong" }),
    post(OTHER_ACCOUNT, signed()),
    post("/api/webhooks/vapi/nobody", signed()),
  ]);
  expect(new Set(refusals.map((refusal) => JSON.stringify(seen(refusal)))).size).toBe(1);
  expect(refusals[0]).toMatchObject({
    status: 401,
    json: { type: "about:blank", title: "Unauthorized", status: 401 },
  });
  expect(refusals[0]?.headers.get("www-authenticate")).toBe("Bearer");
});

test("without a secret everything is refused", async () => {
  const closed = await startApi(NO_DATABASE, { VAPI_WEBHOOK_SECRET: "" });
  try {
    const headers = [signed(), { "x-vapi-secret": "" }, { authorization: "Bearer " }];
    for (const one of headers) {
      const received = await send(closed.url, { method: "POST", headers: one, body: BODY });
      expect(received.status).toBe(401);
    }
  } finally {
    await closed.stop();
  }
});

test("both secrets are valid during a rotation, and a narrowed mode refuses other proofs", async () => {
  const narrow = await startApi(NO_DATABASE, {
    VAPI_WEBHOOK_SECRET: `${SECRET},next-secret`,
    VAPI_WEBHOOK_AUTH: "hmac",
  });
  try {
    const statuses = [];
    for (const headers of [signed(), signed(0, "next-secret"), { "x-vapi-secret": SECRET }]) {
      statuses.push((await send(narrow.url, { method: "POST", headers, body: BODY })).status);
    }
    expect(statuses).toEqual([200, 200, 401]);
  } finally {
    await narrow.stop();
  }
});

test("the log says why, and the reply does not", async () => {
  const reasonOf = async (headers: Readonly<Record<string, string>>, path = PLATFORM) => {
    const { headers: reply } = await post(path, headers);
    const id = reply.get("x-request-id") ?? "none";
    const line = await vi.waitFor(
      () => api.lines.find((one) => one.includes(id)) ?? Promise.reject(new Error(id)),
      { timeout: 30_000 },
    );
    return JSON.parse(line).reason;
  };
  expect(await reasonOf(signed(25 * 60 * MINUTE))).toBe("stale_timestamp");
  expect(await reasonOf(signed(-6 * MINUTE))).toBe("stale_timestamp");
  expect(await reasonOf(signed(0, "another-secret"))).toBe("wrong_proof");
  expect(await reasonOf({ "x-vapi-secret": "wrong" })).toBe("wrong_proof");
  expect(await reasonOf({})).toBe("no_proof");
  expect(await reasonOf(signed(), "/api/webhooks/vapi/nobody")).toBe("unknown_account");
});

test("a delivery that was signed a day ago is accepted, and the window can be narrowed", async () => {
  expect((await post(PLATFORM, signed(23 * 60 * MINUTE))).status).toBe(200);
  const narrow = await startApi(NO_DATABASE, { WEBHOOK_TOLERANCE_SECONDS: "300" });
  try {
    const age = async (minutes: number) =>
      (await send(narrow.url, { method: "POST", headers: signed(minutes * MINUTE), body: BODY })).status;
    expect([await age(4), await age(6)]).toEqual([200, 401]);
  } finally {
    await narrow.stop();
  }
});
