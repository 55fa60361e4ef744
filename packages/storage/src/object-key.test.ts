import { expect, test } from "vitest";
import { namedObject, objectKey, objectOwner, peaksKey } from "./object-key.ts";

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

test.each([
  ["mono", "wav", "audio/wav"],
  ["stereo", "mp3", "audio/mpeg"],
  ["mono", "m4a", "audio/mp4"],
  ["stereo", "ogg", "audio/ogg"],
] as const)("a key is parsed into the parts that it was made of: %s.%s", (channel, type, mediaType) => {
  expect(namedObject(objectKey({ orgId, callId, channel }, type))).toEqual({
    orgId,
    callId,
    channel,
    mediaType,
    fileName: `${callId}-${channel}.${type}`,
  });
  expect(objectOwner(objectKey({ orgId, callId, channel }, type))).toMatchObject({ orgId, callId, channel });
});

test("a waveform has its key beside its recording, and is not a recording", () => {
  const key = peaksKey({ orgId, callId, channel: "stereo" });
  expect(key).toBe(`org/${orgId}/call/${callId}/stereo.peaks.json`);
  expect(objectOwner(key)).toMatchObject({ orgId, callId, channel: "stereo" });
  expect(namedObject(key)).toBeNull();
});

test.each([
  `org/${orgId}/call/../${callId}/mono.wav`,
  `org/${orgId}/call/${callId}/mono.wav/../../x.wav`,
  `org/${orgId}/call/${callId}/mono.wav/more`,
  `/org/${orgId}/call/${callId}/mono.wav`,
  `a/org/${orgId}/call/${callId}/mono.wav`,
  `org/${orgId}/call/${callId}/mono.wav\n`,
  `org/${orgId}/call/${callId}/mono.html`,
  `org/${orgId}/call/${callId}/surround.wav`,
  `org/${orgId.toUpperCase()}/call/${callId}/mono.wav`,
  `org/${"-".repeat(36)}/call/${callId}/mono.wav`,
  `org/${orgId}/call/${callId.replace("0", "%30")}/mono.wav`,
  `org/${orgId}/call/${callId}/mono.wav.peaks.json`,
  `org/${orgId}/call/${callId}/mono.json`,
  "recordings/mono.wav",
  "backup.dump",
  "",
])("a text that objectKey did not make is not a key: %j", (text) => {
  expect(namedObject(text)).toBeNull();
  expect(objectOwner(text)).toBeNull();
});
