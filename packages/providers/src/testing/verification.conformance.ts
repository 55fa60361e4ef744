import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { Provider } from "../common/provider.ts";
import type { SignedRequest } from "../common/provider-adapter.ts";
import type { ProviderCases } from "./provider-cases.ts";

const NOW = Date.UTC(2026, 2, 12, 15, 4, 20);
const SECRET = "conformance-secret-0123456789";
const OTHER = "conformance-secret-9876543210";

/** Verification fails closed, accepts every secret of a rotation, and takes the same steps for each secret. */
export function describeVerification(provider: Provider, cases: ProviderCases): void {
  const body = cases.deliveries[0]?.body ?? new Uint8Array();
  const signed = cases.sign(body, SECRET, NOW);
  const verifies = (request: SignedRequest, secrets: readonly string[] = [SECRET], now = NOW) =>
    provider.credentialOf(cases.account(secrets))?.verify(request, now).verified;

  describe("verification", () => {
    it("accepts what the provider signs", () => expect(verifies(signed)).toBe(true));
    it.each(provider.proofs)("accepts the manifest's own delivery to an account that requires %s", (auth) => {
      const account = { webhookSecrets: [SECRET], verification: { auth } };
      const request = { ...signed, headers: provider.sign(body, account, NOW) };
      const verdicts = [SECRET, OTHER].map((secret) =>
        provider.credentialOf({ ...account, webhookSecrets: [secret] })?.verify(request, NOW),
      );
      expect(verdicts.map((verdict) => verdict?.verified)).toEqual([true, false]);
    });
    it("accepts both secrets during a rotation", () => {
      expect([verifies(signed, [SECRET, OTHER]), verifies(signed, [OTHER, SECRET])]).toEqual([true, true]);
    });
    it("refuses for an account that does not exist", () => {
      expect(provider.decoy.verify(signed, NOW)).toMatchObject({ verified: false });
    });
    it("refuses another secret", () => expect(verifies(signed, [OTHER])).toBe(false));
    it.each([[[]], [[""]], [["  "]]])("refuses everything when the secrets are %j", (secrets) => {
      expect(verifies(signed, secrets)).toBe(false);
      if (secrets[0]) expect(verifies(cases.sign(body, secrets[0], NOW), secrets)).toBe(false);
    });
    it("refuses a request without headers", () => expect(verifies({ ...signed, headers: {} })).toBe(false));
    it("refuses a body with any changed byte", () => {
      fc.assert(
        fc.property(fc.nat(body.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
          const forged = body.map((byte, index) => (index === at ? byte ^ change : byte));
          expect(verifies({ ...signed, body: forged })).toBe(false);
        }),
      );
    });
    it("refuses headers that are missing, sent twice or invalid, and never throws", () => {
      fc.assert(
        fc.property(fc.constantFrom(...Object.keys(signed.headers)), HEADER_VALUE, (name, value) => {
          fc.pre(value !== signed.headers[name]);
          expect(verifies({ ...signed, headers: replaced(signed, name, value) })).toBe(false);
        }),
      );
    });
    it.runIf(cases.windowMs !== null)(
      "accepts a signature within its window, before and after its time",
      () => {
        const window = cases.windowMs ?? 0;
        expect([-window, window].map((age) => verifies(signed, [SECRET], NOW + age))).toEqual([true, true]);
        const outside = [-window - 1000, window + 1000];
        expect(outside.map((age) => verifies(signed, [SECRET], NOW + age))).toEqual([false, false]);
      },
    );
    it("compares in constant time: the same number of comparisons for the first secret, the last one and none", () => {
      const secrets = ["conformance-secret-a", "conformance-secret-b", "conformance-secret-c"];
      const counts = [...secrets, OTHER].map((secret) =>
        comparisons(() => verifies(cases.sign(body, secret, NOW), secrets)),
      );
      expect(counts[0]).toBeGreaterThanOrEqual(secrets.length);
      expect(new Set(counts).size).toBe(1);
    });
  });
}

const HEADER_VALUE: fc.Arbitrary<unknown> = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: 60, maxLength: 68 }),
  fc.base64String({ minLength: 40, maxLength: 48 }),
  fc.constantFrom("", "sha256=", "NaN", "-1", "1e99", undefined),
  fc.array(fc.string()),
);

/** Returns headers as a careless server could give them: in spite of their type, a value may be a list. */
function replaced(request: SignedRequest, name: string, value: unknown): SignedRequest["headers"] {
  const headers: Record<string, string | undefined> = { ...request.headers };
  Object.defineProperty(headers, name, { value, enumerable: true });
  return headers;
}

/**
 * Returns the number of constant-time comparisons of `run`. Named imports of a built-in follow its object only after a
 * sync.
 */
function comparisons(run: () => unknown): number {
  const spy = vi.spyOn(crypto, "timingSafeEqual");
  syncBuiltinESMExports();
  try {
    run();
    return spy.mock.calls.length;
  } finally {
    spy.mockRestore();
    syncBuiltinESMExports();
  }
}
