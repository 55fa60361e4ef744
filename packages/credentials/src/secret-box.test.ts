import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { SecretUnreadable, secretBox } from "./secret-box.ts";

const KEY = randomBytes(32);
const box = secretBox(KEY.toString("base64"));
const place = { accountId: "5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711", use: "webhook secret" } as const;

test.each(["s", "whsec_äöü 🔑", "x".repeat(10_000)])("a sealed secret opens again: %s", (secret) => {
  const sealed = box.seal(secret, place);
  expect(sealed[0]).toBe(1);
  // A secret of one byte occurs in random bytes by chance.
  if (secret.length > 1) expect(sealed.includes(Buffer.from(secret))).toBe(false);
  expect(box.open(sealed, place)).toBe(secret);
  expect(secretBox(KEY.toString("hex")).open(sealed, place)).toBe(secret);
});

test("sealing a secret twice gives different bytes", () => {
  expect(box.seal("secret", place).equals(box.seal("secret", place))).toBe(false);
});

test("it opens only for its own account and use, and with its own key", () => {
  const sealed = box.seal("secret", place);
  const elsewhere = { ...place, accountId: "00000000-0000-4000-8000-000000000001" };
  expect(() => box.open(sealed, elsewhere)).toThrow(SecretUnreadable);
  expect(() => box.open(sealed, { ...place, use: "api key" })).toThrow(SecretUnreadable);
  expect(() => secretBox(randomBytes(32).toString("base64")).open(sealed, place)).toThrow(SecretUnreadable);
});

test("a changed or missing byte is detected at any place", () => {
  const sealed = box.seal("secret", place);
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => box.open(changed, place), `byte ${at}`).toThrow(SecretUnreadable);
    expect(() => box.open(sealed.subarray(0, at), place), `length ${at}`).toThrow(SecretUnreadable);
  }
});

test("a key of another size is refused", () => {
  expect(() => secretBox(randomBytes(16).toString("base64"))).toThrow(RangeError);
});
