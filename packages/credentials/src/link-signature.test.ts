import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { linkSigner } from "./link-signature.ts";

const encryptionKey = randomBytes(32).toString("base64");
const link = { key: "org/1/call/2/mono.wav", version: "abc", expires: 1_800_000_000 };
const none = { encryptionKey: null, webhookSecrets: [] };

test.each([
  ["the encryption key", { encryptionKey, webhookSecrets: ["ignored"] }],
  ["the webhook secret", { encryptionKey: null, webhookSecrets: ["secret"] }],
])("processes that share %s accept each other's links", async (_what, secrets) => {
  const signature = await linkSigner(secrets).sign(link);
  expect(signature).toMatch(/^[\w-]{43}$/);
  expect(await linkSigner(secrets).isSigned(link, signature)).toBe(true);
});

test("the signature is not valid for a changed link or a changed signature", async () => {
  const signer = linkSigner({ encryptionKey, webhookSecrets: [] });
  const signature = await signer.sign(link);
  for (const changed of [
    { ...link, key: "org/1/call/3/mono.wav" },
    { ...link, version: "abd" },
    { ...link, expires: link.expires + 1 },
  ]) {
    expect(await signer.isSigned(changed, signature)).toBe(false);
  }
  for (const other of ["", signature.slice(1), `${signature}A`, "A".repeat(43)]) {
    expect(await signer.isSigned(link, other)).toBe(false);
  }
});

test("links stay valid during the rotation of the webhook secret, and end with the old secret", async () => {
  const signature = await linkSigner({ encryptionKey: null, webhookSecrets: ["old"] }).sign(link);
  const during = linkSigner({ encryptionKey: null, webhookSecrets: ["new", "old"] });
  expect(await during.isSigned(link, signature)).toBe(true);
  const after = linkSigner({ encryptionKey: null, webhookSecrets: ["new"] });
  expect(await after.isSigned(link, signature)).toBe(false);
  expect(await after.isSigned(link, await during.sign(link))).toBe(true);
});

test("another secret signs differently, and without a secret each process signs differently", async () => {
  const other = linkSigner({ encryptionKey: randomBytes(32).toString("base64"), webhookSecrets: [] });
  const own = linkSigner({ encryptionKey, webhookSecrets: [] });
  expect(await other.isSigned(link, await own.sign(link))).toBe(false);
  const alone = linkSigner(none);
  expect(await alone.isSigned(link, await alone.sign(link))).toBe(true);
  expect(await linkSigner(none).isSigned(link, await alone.sign(link))).toBe(false);
});
