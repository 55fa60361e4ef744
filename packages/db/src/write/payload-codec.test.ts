import { createHash } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PAYLOAD_DICTIONARY } from "./payload.dictionary.ts";
import { packPayload, referenceKey, referenceOf, unpackPayload } from "./payload-codec.ts";

const STATUS = JSON.stringify({
  message: { timestamp: 1773327842158, type: "status-update", status: "queued", call: { type: "webCall" } },
});

describe("a packed payload is unpacked to the same text", () => {
  test("for any text, alone and with a reference", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 2_000 });
    fc.assert(
      fc.property(text, text, (payload, reference) => {
        const alone = packPayload(payload);
        expect(referenceOf(alone)).toBeNull();
        expect(unpackPayload(alone)).toBe(payload);
        const together = packPayload(payload, { key: "AbC-_123", text: Buffer.from(reference) });
        expect(referenceOf(together)).toBe("AbC-_123");
        expect(unpackPayload(together, reference)).toBe(payload);
      }),
    );
  });

  test("in the same way from bytes and from text, so that received bytes need not become a string", () => {
    expect(packPayload(Buffer.from(STATUS))).toEqual(packPayload(STATUS));
  });

  test("payloads that older releases and SQL stored are still read", () => {
    expect(unpackPayload(zstdCompressSync(STATUS))).toBe(STATUS);
    expect(unpackPayload(Buffer.from(STATUS))).toBe(STATUS);
  });

  test("a payload without its reference is not read as another text", () => {
    const together = packPayload(STATUS, { key: "AbC-_123", text: Buffer.from(STATUS) });
    expect(() => unpackPayload(together)).toThrow("cannot be read without the one it refers to");
  });

  test("truncated bytes are not a payload", () => {
    expect(() => unpackPayload(packPayload(STATUS).subarray(0, 20))).toThrow();
  });
});

test("the key of a reference is the beginning of its event id's digest", () => {
  expect(referenceKey("progressed:gUu-5_ZrYV0VbFZrYXq1Qw")).toBe("gUu-5_Zr");
});

test("the dictionary and a reference save space", () => {
  const plain = zstdCompressSync(STATUS).length;
  expect(packPayload(STATUS).length).toBeLessThan(plain * 0.7);
  const later = STATUS.replace("queued", "ringing");
  expect(packPayload(later, { key: "AbC-_123", text: Buffer.from(STATUS) }).length).toBeLessThan(40);
});

test("the dictionary is the same one with which stored payloads were packed", () => {
  const digest = createHash("sha256").update(PAYLOAD_DICTIONARY).digest("hex");
  expect(digest).toBe("fed69faf684b664016a047b413da60be49a0b5c4fbccc95ff8dbdce395239d57");
});
