import { expect, test } from "vitest";
import { payloadReferences } from "./payload-references.ts";

const reference = (key: string, bytes: number) => ({ key, text: Buffer.alloc(bytes) });

test("the next payload of a call is packed with the newest one", () => {
  const references = payloadReferences(1_000);
  expect(references.find("a", 10)).toBeUndefined();
  references.remember("a", reference("first", 10));
  references.remember("a", reference("second", 20));
  expect(references.find("a", 10)).toEqual(reference("second", 20));
  expect(references.find("b", 10)).toBeUndefined();
});

test("a payload that is much longer than the reference is packed on its own", () => {
  const references = payloadReferences(1_000);
  references.remember("a", reference("key", 10));
  expect(references.find("a", 20)?.key).toBe("key");
  expect(references.find("a", 21)).toBeUndefined();
});

test("the size is limited: the call that was silent longest is dropped first", () => {
  const references = payloadReferences(100);
  references.remember("a", reference("key", 40));
  references.remember("b", reference("key", 40));
  references.find("a", 40);
  references.remember("c", reference("key", 40));
  const kept = () => ["a", "b", "c", "d"].filter((call) => references.find(call, 0) !== undefined);
  expect(kept()).toEqual(["a", "c"]);
  references.remember("d", reference("key", 101));
  expect(kept()).toEqual(["a", "c"]);
  references.remember("a", reference("key", 100));
  expect(kept()).toEqual(["a"]);
});
