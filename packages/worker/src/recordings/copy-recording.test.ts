import { StorageFault } from "@call-ledger/storage";
import { describe, expect, test } from "vitest";
import type { CopyPorts } from "./copy-recording.ts";
import { copyRecording } from "./copy-recording.ts";

const recording = Buffer.concat([
  Buffer.from("RIFF\x24\x00\x00\x00WAVEfmt ", "latin1"),
  Buffer.alloc(1_000, 7),
]);

/** A storage in memory. `damage` changes the bytes as a faulty disk would. */
function memory(damage: (bytes: Buffer) => Buffer = (bytes) => bytes) {
  const objects = new Map<string, Buffer>();
  const storage: CopyPorts["storage"] = {
    async begin(key) {
      const parts: Uint8Array[] = [];
      return {
        async write(chunk) {
          parts.push(Buffer.from(chunk));
        },
        async publish() {
          if (objects.has(key)) return "exists";
          objects.set(key, damage(Buffer.concat(parts)));
          return "published";
        },
        discard: async () => undefined,
      };
    },
    async read(key) {
      const found = objects.get(key);
      if (found === undefined) return null;
      return { sizeBytes: found.length, chunks: bodyOf([found]).chunks };
    },
    async remove(key) {
      objects.delete(key);
    },
  };
  return { objects, storage };
}

function bodyOf(chunks: Uint8Array[], lengthBytes: number | null = null) {
  async function* all() {
    yield* chunks;
  }
  return { lengthBytes, chunks: all(), close: () => undefined };
}

const PACE = { idleMs: 1_000, minBytesPerSecond: 16_000, slowAfterMs: 1_000 };
const portsOf = (storage: CopyPorts["storage"], held = () => true) => ({
  storage,
  keyOf: (type: string) => `mono.${type}`,
  peaksKey: "mono.peaks.json",
  maxBytes: 1_048_576,
  pace: PACE,
  onProgress: () => undefined,
  async confirmHeld() {
    if (!held()) throw new Error("not held");
  },
  onUnexpected(error: unknown) {
    throw error;
  },
});
const never = new AbortController().signal;

test("the first bytes may arrive one by one", async () => {
  const { objects, storage } = memory();
  const bytes = [...recording].map((byte) => Uint8Array.of(byte));
  const copied = await copyRecording(bodyOf(bytes, recording.length), portsOf(storage), never);
  expect(copied).toMatchObject({ path: "mono.wav", sizeBytes: recording.length });
  expect(objects.get("mono.wav")).toEqual(recording);
});

describe("the waveform", () => {
  /** Four samples of a quarter of a second each. */
  const wav = Buffer.concat([
    Buffer.from(
      "RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x04\0\0\0\x08\0\0\0\x02\0\x10\0data\x08\0\0\0",
      "latin1",
    ),
    Buffer.from(Int16Array.of(0, 16_384, -8_192, 0).buffer),
  ]);
  const peaks = { duration_seconds: 1, channels: [[0, 0, 0.5, 0.5, -0.25, -0.25, 0, 0]] };
  const bytes = () => bodyOf([...wav].map((byte) => Uint8Array.of(byte)));

  test("is stored beside the recording", async () => {
    const { objects, storage } = memory();
    const copied = await copyRecording(bytes(), portsOf(storage), never);
    expect(copied).toMatchObject({ path: "mono.wav", peaksPath: "mono.peaks.json", peaksError: null });
    expect(objects.get("mono.wav")).toEqual(wav);
    expect(JSON.parse(objects.get("mono.peaks.json")?.toString() ?? "")).toEqual(peaks);
  });

  test("left by an earlier attempt is used if equal, otherwise replaced", async () => {
    const { objects, storage } = memory();
    for (const left of [JSON.stringify(peaks), "another"]) {
      objects.set("mono.peaks.json", Buffer.from(left));
      const copied = await copyRecording(bytes(), portsOf(storage), never);
      expect(copied.peaksPath).toBe("mono.peaks.json");
      expect(JSON.parse(objects.get("mono.peaks.json")?.toString() ?? "")).toEqual(peaks);
    }
  });

  test("that cannot be computed has a reason, and the recording is kept", async () => {
    const { objects, storage } = memory();
    const copied = await copyRecording(bodyOf([recording]), portsOf(storage), never);
    expect(copied).toMatchObject({ path: "mono.wav", peaksPath: null, peaksError: expect.any(String) });
    expect([...objects.keys()]).toEqual(["mono.wav"]);
  });

  test.each([
    [new StorageFault("the storage is full"), "the storage is full", 0],
    [new Error("a bug"), "the waveform could not be stored", 1],
  ])("that cannot be stored does not fail the recording: %s", async (error, reason, unexpected) => {
    const { objects, storage } = memory();
    const told: unknown[] = [];
    const ports = {
      ...portsOf({
        ...storage,
        begin: (key, type) => (key === "mono.peaks.json" ? Promise.reject(error) : storage.begin(key, type)),
      }),
      onUnexpected: (thrown: unknown) => void told.push(thrown),
    };
    const copied = await copyRecording(bytes(), ports, never);
    expect(copied).toMatchObject({ path: "mono.wav", peaksPath: null, peaksError: reason });
    expect([[...objects.keys()], told.length]).toEqual([["mono.wav"], unexpected]);
  });
});

test("a storage that damages the bytes is detected, and no object is left", async () => {
  const { objects, storage } = memory((bytes) => Buffer.concat([bytes.subarray(1), Buffer.alloc(1)]));
  const copying = copyRecording(bodyOf([recording]), portsOf(storage), never);
  await expect(copying).rejects.toMatchObject({
    name: "StorageFault",
    reason: expect.stringMatching(/other bytes/),
  });
  expect(objects.size).toBe(0);
});

test("a process that does not hold the job creates no object", async () => {
  const { objects, storage } = memory();
  await expect(
    copyRecording(
      bodyOf([recording]),
      portsOf(storage, () => false),
      never,
    ),
  ).rejects.toThrow("not held");
  expect(objects.size).toBe(0);
});

test("a process that loses the job in between does not change the other's object", async () => {
  const { objects, storage } = memory();
  objects.set("mono.wav", Buffer.from("another worker's"));
  let asked = 0;
  const ports = portsOf(storage, () => ++asked === 1);
  await expect(copyRecording(bodyOf([recording]), ports, never)).rejects.toThrow("not held");
  expect(objects.get("mono.wav")?.toString()).toBe("another worker's");
});

test.each([
  ["announces more than allowed", [recording], 1_048_577],
  ["sends more than allowed", [recording, Buffer.alloc(1_048_576)], null],
])("a source that %s is refused", async (_what, chunks, length) => {
  const { objects, storage } = memory();
  const copying = copyRecording(bodyOf(chunks, length), portsOf(storage), never);
  await expect(copying).rejects.toMatchObject({
    kind: "unsuitable",
    reason: "the recording is larger than 1 MB",
  });
  expect(objects.size).toBe(0);
});

test.each([recording.length + 1, recording.length - 1])(
  "a source that announces %i bytes and sends another number is broken",
  async (length) => {
    const { objects, storage } = memory();
    const copying = copyRecording(bodyOf([recording], length), portsOf(storage), never);
    await expect(copying).rejects.toMatchObject({
      kind: "passing",
      reason: expect.stringMatching(/broke off/),
    });
    expect(objects.size).toBe(0);
  },
);

test("a source that stops sending is abandoned", async () => {
  const { objects, storage } = memory();
  let close: () => void = () => undefined;
  async function* stalling() {
    yield recording;
    await new Promise<void>((_, reject) => {
      close = () => reject(new Error("closed"));
    });
  }
  const body = { lengthBytes: null, chunks: stalling(), close: () => close() };
  const copying = copyRecording(body, { ...portsOf(storage), pace: { ...PACE, idleMs: 20 } }, never);
  await expect(copying).rejects.toMatchObject({ reason: "the server stopped sending" });
  expect(objects.size).toBe(0);
});

test("a source that is too slow is abandoned, but not one that pauses and is fast on average", async () => {
  const { storage } = memory();
  async function* dripping(bytes: number) {
    yield recording;
    for (let drop = 0; drop < 20; drop += 1) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      yield new Uint8Array(bytes);
    }
  }
  const copyOf = (bytes: number) => {
    const body = { lengthBytes: null, chunks: dripping(bytes), close: () => undefined };
    const pace = { ...PACE, slowAfterMs: 100 };
    return copyRecording(body, { ...portsOf(storage), pace }, never);
  };
  await expect(copyOf(1)).rejects.toMatchObject({
    kind: "passing",
    reason: "the server sends less than 16 kB a second",
  });
  expect((await copyOf(10_000)).sizeBytes).toBe(recording.length + 200_000);
});

test("a source that sends a recording in tiny pieces is abandoned", async () => {
  const { objects, storage } = memory();
  const pieces = [recording, ...Array.from({ length: 20_000 }, () => Uint8Array.of(7))];
  await expect(copyRecording(bodyOf(pieces), portsOf(storage), never)).rejects.toMatchObject({
    kind: "passing",
    reason: "the server sends too small pieces",
  });
  expect(objects.size).toBe(0);
});

test("an empty answer is not a recording", async () => {
  const { storage } = memory();
  await expect(copyRecording(bodyOf([], 0), portsOf(storage), never)).rejects.toMatchObject({
    kind: "unsuitable",
  });
});
