import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { fixture } from "../../test/read-fixture.ts";
import { isSigned, signatureOf } from "./hmac.ts";
import type { HmacPlan, SignedRequest } from "./provider-adapter.ts";

const NOW = Date.UTC(2026, 2, 12, 15, 4, 20);
const SECONDS = String(NOW / 1000);
const PLAN: HmacPlan = {
  algorithm: "sha256",
  encoding: "hex",
  payloadFormat: "{timestamp}.{body}",
  signatureHeader: "X-Signature",
  timestampHeader: "X-Timestamp",
  messageIdHeader: null,
  signaturePrefix: "",
  secretIsBase64: false,
};

function request(headers: SignedRequest["headers"], body = "{}"): SignedRequest {
  return { method: "POST", url: "https://ledger.example.test/hook?a=1", headers, body: Buffer.from(body) };
}

function signed(plan: HmacPlan, secret: string, unsigned: SignedRequest): SignedRequest {
  const signature = signatureOf(plan, unsigned, secret);
  if (signature === null) throw new Error("the plan gives no signature");
  return { ...unsigned, headers: { ...unsigned.headers, [plan.signatureHeader.toLowerCase()]: signature } };
}

type Vector = {
  readonly plan: {
    readonly algorithm: HmacPlan["algorithm"];
    readonly signatureEncoding: HmacPlan["encoding"];
    readonly payloadFormat: string;
    readonly secretIsBase64: boolean;
    readonly secretKey: string;
    readonly signaturePrefix: string;
  };
  readonly input: { body: string; timestamp: number; method: string; url: string };
  readonly signature: string;
};

const vectors: readonly Vector[] = JSON.parse(Buffer.from(fixture("signature-vectors.json")).toString());

describe("signatureOf", () => {
  it.each(vectors)(
    "equals the vector $plan.algorithm $plan.signatureEncoding $plan.payloadFormat",
    (vector) => {
      const { plan, input, signature } = vector;
      const { body, method, url, timestamp } = input;
      const vectorPlan = { ...PLAN, ...plan, encoding: plan.signatureEncoding };
      const headers = { "x-timestamp": String(timestamp) };
      expect(signatureOf(vectorPlan, { method, url, headers, body: Buffer.from(body) }, plan.secretKey)).toBe(
        signature,
      );
    },
  );

  it("signs the bytes of the body, not their text", () => {
    const [one, other] = [Uint8Array.of(0xff), Uint8Array.of(0xfe)].map((body) =>
      signatureOf({ ...PLAN, payloadFormat: "{body}" }, { ...request({}), body }, "secret"),
    );
    expect(one).not.toBe(other);
  });

  it("never reads a header's value as a format", () => {
    const plan = { ...PLAN, payloadFormat: "{svix-id}.{body}", messageIdHeader: "x-id" };
    const tricked = signatureOf(plan, request({ "x-id": "{body}" }), "secret");
    expect(tricked).not.toBe(signatureOf(plan, request({ "x-id": "{}" }), "secret"));
  });

  it("gives no signature if the message id is sent twice", () => {
    const plan = { ...PLAN, payloadFormat: "{svix-id}.{body}", messageIdHeader: "x-id" };
    const headers = Object.defineProperty({}, "x-id", { value: ["msg_1", "msg_2"] });
    expect(signatureOf(plan, request(headers), "secret")).toBeNull();
  });

  it.each([
    ["a format without the body", { payloadFormat: "{timestamp}" }, "secret"],
    ["a time without a header for it", { timestampHeader: null }, "secret"],
    [
      "a message id that is not sent",
      { payloadFormat: "{svix-id}.{body}", messageIdHeader: "x-id" },
      "secret",
    ],
    ["an empty key", {}, ""],
    ["a key that is not base64", { secretIsBase64: true }, "not base64!"],
    ["a base64 key without bytes", { secretIsBase64: true }, "whsec_"],
  ])("signs nothing with %s", (_, change, secret) => {
    const unsigned = request({ "x-timestamp": SECONDS });
    expect(signatureOf({ ...PLAN, ...change }, unsigned, secret)).toBeNull();
  });
});

describe("isSigned", () => {
  const good = signed(PLAN, "secret", request({ "x-timestamp": SECONDS }));
  const signature = String(good.headers["x-signature"]);

  it.each([
    ["as it was made", signature, true],
    ["in upper case", signature.toUpperCase(), true],
    ["with one digit changed", signature.replace(/.$/, (digit) => (digit === "0" ? "1" : "0")), false],
    ["cut off", signature.slice(0, 62), false],
    ["with characters after it", `${signature}00`, false],
    ["that is not hex", "z".repeat(64), false],
    ["that is empty", "", false],
    ["with a prefix that the plan lacks", `sha256=${signature}`, false],
  ])("judges a signature %s", (_, value, verdict) => {
    const tried = { ...good, headers: { ...good.headers, "x-signature": value } };
    expect(isSigned(PLAN, tried, ["secret"], NOW)).toBe(verdict);
  });

  it("refuses a signed time that is not a number", () => {
    const odd = signed(PLAN, "secret", request({ "x-timestamp": `${SECONDS}.5` }));
    expect(isSigned(PLAN, odd, ["secret"], NOW)).toBe(false);
  });

  it("refuses a request without a signature", () => {
    expect(isSigned(PLAN, good, [], NOW)).toBe(false);
    expect(isSigned({ ...PLAN, secretIsBase64: true }, good, ["not base64!"], NOW)).toBe(false);
  });
});

describe("a plan in the style of Standard Webhooks", () => {
  const SECRET = `whsec_${Buffer.from("conformance-secret-0123456789").toString("base64")}`;
  const SVIX: HmacPlan = {
    algorithm: "sha256",
    encoding: "base64",
    payloadFormat: "{svix-id}.{timestamp}.{body}",
    signatureHeader: "webhook-signature",
    timestampHeader: "webhook-timestamp",
    messageIdHeader: "webhook-id",
    signaturePrefix: "v1,",
    secretIsBase64: true,
  };
  const body = '{"note":"café ☕"}';
  const now = Math.floor(Date.now() / 1000) * 1000;
  const unsigned = request({ "webhook-id": "msg_1", "webhook-timestamp": String(now / 1000) }, body);

  it("verifies what the reference signs", () => {
    const signature = new Webhook(SECRET).sign("msg_1", new Date(now), body);
    const delivery = { ...unsigned, headers: { ...unsigned.headers, "webhook-signature": signature } };
    expect(isSigned(SVIX, delivery, [SECRET], now)).toBe(true);
  });

  it("signs what the reference verifies", () => {
    const { headers } = signed(SVIX, SECRET, unsigned);
    const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
    expect(new Webhook(SECRET).verify(body, sent)).toEqual(JSON.parse(body));
  });
});
