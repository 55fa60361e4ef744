import type { Json } from "@call-ledger/domain";
import { describe, expect, it } from "vitest";
import { removalUnder } from "../vapi/secret.names.ts";
import { decodedText } from "./encoded-text.ts";
import { REMOVED, withoutSecrets } from "./payload-secrets.ts";
import { textWithoutSecrets } from "./text-secrets.ts";

const clean = (value: Json) => withoutSecrets(value, removalUnder);
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("a secret in an encoded text", () => {
  const JSON_TEXT = JSON.stringify({ apiKey: "hush4711hush", day: "Monday" });

  it.each([
    ["percent-encoded JSON", encodeURIComponent(JSON_TEXT)],
    ["JSON that is percent-encoded twice", encodeURIComponent(encodeURIComponent(JSON_TEXT))],
    ["base64 of JSON", base64(JSON_TEXT)],
    ["base64url of JSON", Buffer.from(JSON_TEXT).toString("base64url")],
    ["a data URL", `data:application/json;base64,${base64(JSON_TEXT)}`],
  ])("is removed from %s, and the rest stays", (_, text) => {
    expect(clean({ text })).toEqual({ text: JSON.stringify({ apiKey: REMOVED, day: "Monday" }) });
  });

  it.each([
    encodeURIComponent("Authorization: Bearer hush4711hush"),
    base64("Authorization: Bearer hush4711hush"),
    "a=1&client%5Fsecret=hush4711hush",
    "token%3Dhush4711hush",
    `https://a.test/back?to=${encodeURIComponent(encodeURIComponent("https://b.test/?token=hush"))}`,
  ])("is removed from %j", (text) => expect(JSON.stringify(clean({ text }))).not.toMatch(/hush|aHVza/));

  it("leaves other texts as they are", () => {
    const texts = [
      encodeURIComponent("two words"),
      "100% sure, 50%25",
      base64("a text of several words"),
      "019ce2a4-6c20-7bb1-8d4e-2f6a9c01d001",
      "https://a.test/help?q=two%20words",
    ];
    expect(clean({ texts })).toEqual({ texts });
  });

  it("is not searched for in texts that are too long or not readable", () => {
    expect(decodedText("%41".repeat(30_000))).toBeNull();
    expect(decodedText("internationalization")).toBeNull();
  });
});

describe("a field named key", () => {
  const KEYS = {
    auth: { in: "header", key: "hush4711abcdEFGH4711" },
    keys: ["4711hush4711abcd4711", { nested: "pk-hush4711abcd4711abcd" }],
    Key: "0f4711aa0f4711bb0f4711cc0f4711dd",
    arguments: '{"key":"hush4711abcdEFGH4711"}',
    text: "key=hush4711abcdEFGH4711",
  };

  it("is removed if its value has the form of a key", () => {
    expect(JSON.stringify(clean(KEYS))).not.toContain("4711");
    expect(textWithoutSecrets(`${JSON.stringify(KEYS)}{`, removalUnder)).not.toContain("4711");
  });

  it("stays if it names a filter, a parameter or a stored file", () => {
    const named: Json = {
      filters: [{ type: "oneOf", key: "call.endedReason", oneOf: ["voicemail"] }],
      parameters: [{ key: "appointment_confirmation_step_2026", value: "{{date}}" }],
      file: { key: "019ce2a4-6c20-7bb1-8d4e-2f6a9c01d001/price-list.pdf" },
      id: { key: "019ce2a4-6c20-7bb1-8d4e-2f6a9c01d001" },
      pressed: { key: "5" },
      number: { key: 4711 },
    };
    expect(clean(named)).toEqual(named);
    expect(textWithoutSecrets(`${JSON.stringify(named)}{`, removalUnder)).toBe(`${JSON.stringify(named)}{`);
  });
});

it("finds a secret's name with blanks, and a value named val", () => {
  const named = { "API Key": "hush", "Secret Access Key": "hush", pair: { name: "api_key", val: "hush" } };
  expect(JSON.stringify(clean(named))).not.toContain("hush");
});
