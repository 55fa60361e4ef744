import { describe, expect, it } from "vitest";
import { removalUnder } from "../vapi/secret.names.ts";
import { REMOVED, withoutSecrets } from "./payload-secrets.ts";
import { textWithoutSecrets } from "./text-secrets.ts";

describe("a credential by its form", () => {
  it.each([
    "send it with Bearer hush4711.abc or sk-proj-hush4711abc",
    "Basic aHVzaDpodXNoNDcxMQ==",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJodXNoIn0.hush",
    "ghp_hush4711hush4711hush4711",
    "sk-hush4711hush4711hush",
    "sk_hush4711hush4711hush or sk-or-v1-hush4711hush4711hush",
    "cal_live_hush4711hush4711 or secret_hush4711hush4711",
    "pit-4711aaaa-4711-4711-4711-aaaa4711aaaa",
    "whsec_hush4711hush4711",
    "github_pat_hush4711hush4711 or pat-na1-hush4711-hush4711 or sb_secret_hush4711hush4711",
    "npm_hush4711hush4711hush or ya29.hush4711hush4711hush4711",
    "AIzaSyhush4711hush4711hush4711hush4711h",
    "SG.hush4711hush4711.hush4711hush4711",
    "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----",
  ])("is removed from %j", (text) => {
    for (const cleaned of [
      JSON.stringify(withoutSecrets({ note: text }, removalUnder)),
      textWithoutSecrets(`{"note": ${JSON.stringify(text)}`, removalUnder),
    ]) {
      expect(cleaned).toContain(REMOVED);
      expect(cleaned).not.toMatch(/hush|aHVz|4711/);
    }
  });
});
