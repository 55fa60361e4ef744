import { describe, expect, it } from "vitest";
import { signatureOf } from "../common/hmac.ts";
import type { HmacPlan, SignedRequest } from "../common/provider-adapter.ts";
import { VAPI_HMAC_PLAN } from "./hmac.plan.ts";
import { signVapi } from "./sign.ts";
import type { VapiCredential } from "./verify.ts";
import { verifyVapi } from "./verify.ts";

const NOW = Date.UTC(2026, 2, 12, 15, 4, 20);
const SECRET = "a-secret-0123456789";
const BODY = Buffer.from('{"message":{"type":"hang"}}');
const SIGNED = signVapi(BODY, SECRET, NOW);
const WRONG = "0".repeat(64);
const OVER_BODY = hmac({ payloadFormat: "{body}" }, {});
const OVER_TIME = hmac({}, { "x-timestamp": String(NOW) });

function hmac(change: Partial<HmacPlan>, headers: SignedRequest["headers"]): string {
  return signatureOf({ ...VAPI_HMAC_PLAN, ...change }, request(headers), SECRET) ?? "";
}

function request(headers: SignedRequest["headers"]): SignedRequest {
  return { method: "POST", url: "https://ledger.example.test/hook", headers, body: BODY };
}

function verifies(headers: SignedRequest["headers"], credential: Partial<VapiCredential> = {}): boolean {
  const full: VapiCredential = { secrets: [SECRET], mode: "any", hmacPlan: null, ...credential };
  return verifyVapi(request(headers), full, NOW).verified;
}

describe("a signature", () => {
  it.each([
    ["as the simulator sends it", SIGNED, true],
    [
      "in Vapi's default headers, milliseconds",
      { "x-signature": OVER_TIME, "x-timestamp": String(NOW) },
      true,
    ],
    ["in mixed headers", { "x-vapi-signature": OVER_TIME, "x-timestamp": String(NOW) }, true],
    ["with the prefix", { "x-vapi-signature": `sha256=${OVER_BODY}` }, true],
    ["over the body alone", { "x-signature": OVER_BODY }, true],
    [
      "over the body alone, beside a timestamp",
      { "x-signature": OVER_BODY, "x-timestamp": String(NOW) },
      false,
    ],
    ["that has lost its timestamp", { "x-signature": OVER_TIME }, false],
    ["that is stale", { ...SIGNED, "x-vapi-timestamp": String(NOW / 1000 - 301) }, false],
    ["that is the word invalid", { "x-vapi-signature": "invalid" }, false],
    ["beside a wrong one", { "x-signature": OVER_BODY, "x-vapi-signature": WRONG }, false],
  ])("%s", (_, headers, verdict) => expect(verifies(headers)).toBe(verdict));

  it("that is wrong is refused even beside a right secret", () => {
    const right = { "x-vapi-secret": SECRET, authorization: `Bearer ${SECRET}` };
    expect(verifies(right)).toBe(true);
    expect(verifies({ ...right, "x-signature": WRONG })).toBe(false);
    expect(verifies({ ...right, "x-vapi-signature": "" })).toBe(false);
  });

  it("cannot be made with an empty secret", () => {
    expect(() => signVapi(BODY, "", NOW)).toThrow(RangeError);
  });
});

describe("a shared secret", () => {
  it.each([
    ["X-Vapi-Secret", { "x-vapi-secret": SECRET }, true],
    ["X-Vapi-Secret with the word Bearer", { "x-vapi-secret": `Bearer ${SECRET}` }, true],
    ["Authorization", { authorization: `bearer ${SECRET}` }, true],
    ["Authorization without the word Bearer", { authorization: SECRET }, true],
    ["one wrong, one right", { "x-vapi-secret": "wrong", authorization: `Bearer ${SECRET}` }, true],
    ["a wrong one", { "x-vapi-secret": `${SECRET}x` }, false],
    ["half of one", { "x-vapi-secret": SECRET.slice(0, 5) }, false],
    ["an empty one", { authorization: "Bearer " }, false],
  ])("%s", (_, headers, verdict) => expect(verifies(headers)).toBe(verdict));
});

describe("the mode", () => {
  const headers = {
    hmac: SIGNED,
    secret: { "x-vapi-secret": SECRET },
    bearer: { authorization: `Bearer ${SECRET}` },
  } as const;
  const kinds = ["hmac", "secret", "bearer"] as const;

  it.each(kinds)("%s accepts only its own kind of credential", (mode) => {
    const accepted = kinds.filter((kind) => verifies(headers[kind], { mode }));
    expect(accepted).toEqual([mode]);
  });

  it("hmac refuses an unsigned request", () => expect(verifies({}, { mode: "hmac" })).toBe(false));
});

describe("an account's own plan", () => {
  const plan: HmacPlan = {
    ...VAPI_HMAC_PLAN,
    algorithm: "sha512",
    encoding: "base64",
    payloadFormat: "{svix-id}.{timestamp}.{body}",
    signatureHeader: "Webhook-Signature",
    timestampHeader: "webhook-timestamp",
    messageIdHeader: "webhook-id",
    signaturePrefix: "v1,",
  };
  const unsigned = { "webhook-id": " msg_1 ", "webhook-timestamp": String(NOW) };
  const delivery = { ...unsigned, "webhook-signature": hmac(plan, unsigned) };

  it("verifies, and gives the delivery's id", () => {
    const credential: VapiCredential = { secrets: [SECRET], mode: "hmac", hmacPlan: plan };
    expect(verifyVapi(request(delivery), credential, NOW)).toEqual({ verified: true, deliveryId: "msg_1" });
  });

  it("replaces the default plans", () => {
    expect(verifies(SIGNED, { hmacPlan: plan })).toBe(false);
    expect(verifies({ ...delivery, "webhook-id": "msg_2" }, { hmacPlan: plan })).toBe(false);
  });
});

describe("a captured delivery", () => {
  const time = String(Math.floor(NOW / 1000));
  const captured = {
    method: "POST",
    url: "",
    headers: { "x-vapi-signature": SIGNED["x-vapi-signature"] },
    body: Buffer.concat([Buffer.from(`${time}.`), BODY]),
  };
  it.each(["any", "hmac"] as const)(
    "does not verify with its timestamp moved into the body, in mode %s",
    (mode) => {
      const credential: VapiCredential = { secrets: [SECRET], mode, hmacPlan: null };
      expect(verifyVapi(captured, credential, NOW)).toEqual({ verified: false, because: "wrong_proof" });
      const hmacPlan = { ...VAPI_HMAC_PLAN, payloadFormat: "{body}", signatureHeader: "x-vapi-signature" };
      expect(verifyVapi(captured, { ...credential, hmacPlan }, NOW)).toEqual({
        verified: false,
        because: "wrong_proof",
      });
    },
  );
});
