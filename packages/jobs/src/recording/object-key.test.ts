import { expect, test } from "vitest";
import { objectKey, readObjectKey } from "./object-key.ts";

const orgId = "0198c2f4-6a3e-7c11-9d55-3f2b8a7e1c00";
const callId = "0198c2f4-6a3e-7c11-9d55-3f2b8a7e1c01";

test("a key names organization, call, channel and type", () => {
  expect(objectKey({ orgId, callId, channel: "mono" }, "wav")).toBe(`org/${orgId}/call/${callId}/mono.wav`);
});

test.each(["../../etc", "", `${orgId}/../${callId}`, orgId.toUpperCase(), `${orgId}\n`])(
  "%j makes no key",
  (id) => {
    expect(() => objectKey({ orgId: id, callId, channel: "mono" }, "wav")).toThrow(/UUIDs/);
    expect(() => objectKey({ orgId, callId: id, channel: "mono" }, "wav")).toThrow(/UUIDs/);
  },
);

test("a key is read as it was made", () => {
  const key = objectKey({ orgId, callId, channel: "stereo" }, "mp3");
  expect(readObjectKey(key)).toEqual({ orgId, callId, channel: "stereo" });
});

test.each([
  "",
  "backup.dump",
  `org/${orgId}/call/${callId}/mono.exe`,
  `org/${orgId}/call/${callId}/left.wav`,
  `org/${orgId}/call/${callId}/mono.wav/more`,
  `org/${orgId}/call/${callId}/mono.wav\n`,
  `a/org/${orgId}/call/${callId}/mono.wav`,
  `org/${orgId.toUpperCase()}/call/${callId}/mono.wav`,
])("%j is no key of ours", (key) => {
  expect(readObjectKey(key)).toBeNull();
});
