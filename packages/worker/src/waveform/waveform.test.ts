import { readFileSync } from "node:fs";
import type { AudioType } from "@call-ledger/storage";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { peakMeter } from "./peaks.ts";
import { waveformReader } from "./waveform-reader.ts";

/** Returns the waveform of a file that arrives in chunks of these sizes, then as a whole. */
async function waveformOf(file: Uint8Array, type: AudioType = "wav", sizes: readonly number[] = []) {
  const reader = await waveformReader(type, (error) => {
    throw error;
  });
  let at = 0;
  for (const size of [...sizes, file.length]) {
    const chunk = Uint8Array.from(file.subarray(at, at + size));
    reader.push(chunk);
    // The copy frees the chunk's memory in the same way.
    chunk.fill(0xee);
    at += size;
  }
  return reader.end();
}

const chunk = (name: string, content: Uint8Array, size = content.length) => {
  const head = Buffer.alloc(8);
  head.write(name, "latin1");
  head.writeUInt32LE(size, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
};

type Written = { tag?: number; channels?: number; rate?: number; bits?: number; extension?: Buffer };

function formatChunk({ tag = 1, channels = 1, rate = 8_000, bits = 16, extension }: Written = {}) {
  const content = Buffer.alloc(16);
  const frame = (channels * bits) / 8;
  content.writeUInt16LE(tag, 0);
  content.writeUInt16LE(channels, 2);
  content.writeUInt32LE(rate, 4);
  content.writeUInt32LE(rate * frame, 8);
  content.writeUInt16LE(frame, 12);
  content.writeUInt16LE(bits, 14);
  return chunk("fmt ", Buffer.concat([content, extension ?? Buffer.alloc(0)]));
}

const riff = (
  chunks: readonly Uint8Array[],
  { name = "RIFF", size }: { name?: string; size?: number } = {},
) => {
  const content = Buffer.concat([Buffer.from("WAVE"), ...chunks]);
  return chunk(name, content, size).subarray(0, 8 + content.length);
};

const pcm16 = (...samples: number[]) => Buffer.from(Int16Array.from(samples).buffer);
const whole = (format: Written, audio: Uint8Array) => riff([formatChunk(format), chunk("data", audio)]);
const oneChannel = (...pairs: number[]) => [pairs];

describe("a WAV file", () => {
  test("has the min and the max sample of each section, and its duration", async () => {
    const frames = Array.from({ length: 16_000 }, (_, at) => Math.floor(at / 16) * (at % 2 === 0 ? 32 : -16));
    const waveform = await waveformOf(whole({}, pcm16(...frames)));
    const pairs = Array.from({ length: 1_000 }, (_, at) => [(at * -16) / 0x8000, (at * 32) / 0x8000]).flat();
    expect(waveform).toEqual({
      duration_seconds: 2,
      channels: oneChannel(...pairs.map((value) => (Math.round(value * 1_000) + 0) / 1_000)),
    });
  });

  test("has its two channels separately", async () => {
    expect(await waveformOf(whole({ channels: 2, rate: 2 }, pcm16(16_384, -8_192, -16_384, 8_192)))).toEqual({
      duration_seconds: 1,
      channels: [
        [0.5, 0.5, -0.5, -0.5],
        [-0.25, -0.25, 0.25, 0.25],
      ],
    });
  });

  test.each([
    ["8 bits", { bits: 8 }, Buffer.of(0x80, 0xff, 0x00), [0, 0.992, -1]],
    ["16 bits", { bits: 16 }, pcm16(0, 32_767, -32_768), [0, 1, -1]],
    ["24 bits", { bits: 24 }, Buffer.from("000000ffff7f0000800000c0", "hex"), [0, 1, -1, -0.5]],
    ["32 bits", { bits: 32 }, Buffer.from(Int32Array.of(0, 2 ** 30, -(2 ** 31)).buffer), [0, 0.5, -1]],
    [
      "32-bit float, which may have any value",
      { tag: 3, bits: 32 },
      Buffer.from(Float32Array.of(0.25, -7, Number.NaN, Number.POSITIVE_INFINITY).buffer),
      [0.25, -1, 0, 1],
    ],
    ["A-law", { tag: 6, bits: 8 }, Buffer.of(0xd5, 0x55, 0xaa, 0x2a, 0x80), [0, -0, 0.984, -0.984, 0.168]],
    ["mu-law", { tag: 7, bits: 8 }, Buffer.of(0xff, 0x7f, 0x80, 0x00, 0xf0), [0, 0, 0.98, -0.98, 0.004]],
    [
      "the extended format of PCM",
      { tag: 0xfffe, extension: Buffer.from("160010000300000001000000000010008000", "hex") },
      pcm16(16_384),
      [0.5],
    ],
  ])("is read in %s", async (_what, format, audio, samples) => {
    const waveform = await waveformOf(whole(format, audio));
    expect(waveform).toMatchObject({
      channels: oneChannel(...samples.flatMap((sample) => [sample + 0, sample + 0])),
    });
  });

  const inQuarters = formatChunk({ rate: 4 });
  const four = pcm16(8_192, -8_192, 16_384, -16_384);
  const fours = oneChannel(...[0.25, -0.25, 0.5, -0.5].flatMap((value) => [value, value]));
  const list = chunk("LIST", Buffer.from("INFOISFT\x05\x00\x00\x00Lavf\x00x"));
  const ds64 = Buffer.alloc(28);
  ds64.writeBigUInt64LE(8n, 8);
  test.each([
    ["with other chunks before the audio", riff([list, inQuarters, list, chunk("data", four)])],
    ["with a chunk after the audio", riff([inQuarters, chunk("data", four), list])],
    [
      "of a writer that did not know the length",
      riff([inQuarters, chunk("data", four, 0xff_ff_ff_ff)], { size: 0xff_ff_ff_ff }),
    ],
    ["whose header was never corrected", riff([inQuarters, chunk("data", four, 0)], { size: 36 })],
    ["whose header has no sizes", riff([inQuarters, chunk("data", four, 0)], { size: 0 })],
    ["that is shorter than its header says", riff([inQuarters, chunk("data", four, 4_000_000)])],
    [
      "that is long in RF64",
      riff([chunk("ds64", ds64), inQuarters, chunk("data", four, 0xff_ff_ff_ff), list], { name: "RF64" }),
    ],
    ["that ends within a frame", whole({ rate: 4 }, Buffer.concat([four, Buffer.of(1)]))],
  ])("%s is read", async (_what, file) => {
    expect(await waveformOf(file)).toEqual({ duration_seconds: 1, channels: fours });
  });

  const reasons: readonly (readonly [string, Uint8Array, string | RegExp])[] = [
    ["without audio", riff([formatChunk()]), "the WAV file has no audio"],
    ["with empty audio", whole({}, Buffer.alloc(0)), "the WAV file has no audio"],
    ["that ends in its header", whole({}, four).subarray(0, 17), "the WAV file has no audio"],
    [
      "whose chunk goes beyond it",
      riff([chunk("LIST", list, 1e9), formatChunk()]),
      "the WAV file has no audio",
    ],
    [
      "with the audio before its format",
      riff([chunk("data", four), formatChunk()]),
      "the WAV file has its audio before the format of it",
    ],
    ["with a short format", riff([chunk("fmt ", Buffer.alloc(4)), chunk("data", four)]), /is cut off/],
    ["of ADPCM", whole({ tag: 17, bits: 4 }, four), /^WAV files of format 17 with 4 bits are not read/],
    ["of six channels", whole({ channels: 6 }, Buffer.alloc(24)), /^the recording has 6 channels/],
    ["of no channel", whole({ channels: 0 }, four), /^the recording has 0 channels/],
    ["without a rate", whole({ rate: 0 }, four), /no samples a second/],
    [
      "that is none",
      Buffer.from("RIFF\xff\xff\xff\xffWAVE<html>no audio here</html>"),
      "the WAV file has no audio",
    ],
  ];
  test.each(reasons)("%s has a reason instead of a waveform", async (_what, file, reason) => {
    const expected = typeof reason === "string" ? reason : expect.stringMatching(reason);
    expect(await waveformOf(file)).toEqual({ reason: expected });
  });
});

const formats = fc.constantFrom<Written>(
  { bits: 8 },
  { bits: 16, channels: 2 },
  { bits: 24, channels: 2 },
  { bits: 24 },
  { tag: 3, bits: 32, channels: 2 },
  { tag: 7, bits: 8, channels: 2 },
);
const sizes = fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 40 });
/** Random bytes. They are made here, because generating each of them takes seconds. */
const noise = fc
  .nat(60_000)
  .map((length) => Buffer.alloc(length).map((_, at) => (at * 2_654_435_761) >>> 13));

test("the division of a WAV file into chunks does not change the result", async () => {
  await fc.assert(
    fc.asyncProperty(formats, noise, sizes, async (format, audio, cuts) => {
      const file = whole(format, audio);
      expect(await waveformOf(file, "wav", cuts)).toEqual(await waveformOf(file));
    }),
    { numRuns: 100 },
  );
});

test("any bytes give a waveform or a reason", async () => {
  const head = fc.constantFrom(Buffer.from("RIFF\0\0\0\0WAVE"), riff([formatChunk()]), Buffer.alloc(0));
  await fc.assert(
    fc.asyncProperty(head, fc.uint8Array({ maxLength: 300 }), sizes, async (begin, rest, cuts) => {
      expect(await waveformOf(Buffer.concat([begin, rest]), "wav", cuts)).toBeTypeOf("object");
    }),
    { numRuns: 300 },
  );
});

test("a meter uses the same memory for an hour as for a second, and loses no peak", () => {
  const meter = peakMeter(1);
  const quiet = new Float32Array(8_000).fill(0.125);
  const samples = [quiet];
  for (let second = 0; second < 3_600; second++) {
    if (second === 1_800) samples[0] = quiet.with(4_000, -0.75);
    meter.add(samples, 8_000);
    samples[0] = quiet;
  }
  const waveform = meter.waveform(8_000);
  const [pairs = []] = waveform?.channels ?? [];
  expect([waveform?.duration_seconds, pairs.length]).toEqual([3_600, 2_000]);
  expect(pairs.flatMap((value, at) => (value === 0.125 ? [] : [[at, value]]))).toEqual([[1_000, -0.75]]);
});

describe("an mp3 file", () => {
  const file = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url));
  const loudest = (pairs: readonly number[] = []) => Math.max(...pairs.map(Math.abs));

  test("has its two channels separately, each at its own time", async () => {
    const waveform = await waveformOf(file("left-then-right.mp3"), "mp3", [1, 700, 33]);
    if ("reason" in waveform) throw new Error(waveform.reason);
    expect(waveform.duration_seconds).toBeCloseTo(2, 0);
    const [left = [], right = []] = waveform.channels;
    expect(waveform.channels).toHaveLength(2);
    expect(loudest(left.slice(100, 800))).toBeCloseTo(0.5, 1);
    expect(loudest(left.slice(1_200))).toBeLessThan(0.02);
    expect(loudest(right.slice(0, 800))).toBeLessThan(0.02);
    expect(loudest(right.slice(1_200, 1_800))).toBeCloseTo(0.25, 1);
  });

  test("of one channel has one", async () => {
    expect(await waveformOf(file("mono.mp3"), "mp3")).toMatchObject({ channels: [expect.any(Array)] });
  });

  test("that is damaged has a waveform of its readable part, and nothing of it is written to the log", async () => {
    const said: unknown[] = [];
    const { error } = console;
    console.error = (...words) => said.push(words);
    try {
      const broken = file("left-then-right.mp3").fill(0, 3_000, 4_500);
      expect(await waveformOf(broken, "mp3")).toMatchObject({
        channels: [expect.any(Array), expect.any(Array)],
      });
      expect(await waveformOf(file("mono.mp3").fill("no audio", 12), "mp3")).toEqual({
        reason: expect.stringMatching(/^the mp3 file (has no audio|is damaged)$/),
      });
    } finally {
      console.error = error;
    }
    expect(said).toEqual([]);
  });
});

test("other kinds of audio give a reason", async () => {
  expect(await waveformOf(Buffer.from("OggS"), "ogg")).toEqual({
    reason: "waveforms of ogg recordings are not computed",
  });
});
