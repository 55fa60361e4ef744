import { expect, test } from "vitest";
import { payloadReferences } from "./payload-references.ts";

const text = (bytes: number) => "x".repeat(bytes);

test("the newest payload of a call is the one that its next is packed with", () => {
  const references = payloadReferences(1_000);
  expect(references.find("a", text(10))).toBeUndefined();
  references.remember("a", "first", text(10));
  references.remember("a", "second", text(20));
  expect(references.find("a", text(10))).toEqual({ key: "second", text: Buffer.from(text(20)) });
  expect(references.find("b", text(10))).toBeUndefined();
});

test("a payload that says much more than the reference is packed by itself", () => {
  const references = payloadReferences(1_000);
  references.remember("a", "key", text(10));
  expect(references.find("a", text(20))?.key).toBe("key");
  expect(references.find("a", text(21))).toBeUndefined();
});

test("no more than so many bytes are kept: the call that was silent longest goes first", () => {
  const references = payloadReferences(100);
  references.remember("a", "key", text(40));
  references.remember("b", "key", text(40));
  references.find("a", text(40));
  references.remember("c", "key", text(40));
  const kept = () => ["a", "b", "c", "d"].filter((call) => references.find(call, "") !== undefined);
  expect(kept()).toEqual(["a", "c"]);
  references.remember("d", "key", text(101));
  expect(kept()).toEqual(["a", "c"]);
  references.remember("a", "key", text(100));
  expect(kept()).toEqual(["a"]);
});
