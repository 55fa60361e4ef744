import type { ByteInput, ByteProgram } from "./byte-input.ts";
import { byteProgram } from "./byte-input.ts";
import type { Waveform } from "./peaks.ts";
import { peakMeter } from "./peaks.ts";
import type { Encoding } from "./wav-samples.ts";
import { encodingOf } from "./wav-samples.ts";

/** A waveform, or the reason why there is none. */
export type WaveformOrReason = Waveform | { readonly reason: string };

type Format = { readonly channels: number; readonly sampleRate: number; readonly encoding: Encoding };

const EXTENSIBLE = 0xff_fe;
const MAX_CHANNELS = 2;
/** The size of the chunk `fmt ` with its extension. */
const FORMAT_BYTES = 40;
/** The size in the header if the writer did not know the length at the beginning. */
const UNKNOWN_SIZE = 0xff_ff_ff_ff;
const FRAMES_AT_ONCE = 4_096;
const ASCII = new TextDecoder("latin1");

/**
 * Reads a WAV or RF64 file chunk by chunk. The content is trusted more than the header: audio that is shorter than the
 * header says is read to its end, and an unknown length means the rest of the file.
 */
export function wavWaveform(): ByteProgram<WaveformOrReason> {
  return byteProgram(readWav);
}

function* readWav(input: ByteInput): Generator<void, WaveformOrReason> {
  let position = 12;
  const riffSize = sizeIn(yield* input.take(position), 4);
  let format: Format | string | null = null;
  let longDataSize = UNKNOWN_SIZE;
  for (;;) {
    const head = yield* input.take(8);
    if (head.length < 8) return { reason: "the WAV file has no audio" };
    position += head.length;
    const name = ASCII.decode(head.subarray(0, 4));
    const size = sizeIn(head, 4);
    if (name === "data") {
      if (format === null) return { reason: "the WAV file has its audio before the format of it" };
      if (typeof format === "string") return { reason: format };
      // A header with this size was written first and never corrected.
      const endsHere = riffSize === UNKNOWN_SIZE || riffSize + 8 <= position;
      const isUnknown = size === UNKNOWN_SIZE || (size === 0 && endsHere);
      return yield* readAudio(input, format, isUnknown ? longDataSize : size);
    }
    const wanted = name === "fmt " || name === "ds64" ? Math.min(size, FORMAT_BYTES) : 0;
    const content = yield* input.take(wanted);
    if (name === "fmt ") format ??= formatIn(content);
    if (name === "ds64" && content.length >= 16) longDataSize = longSizeIn(content, 8);
    const padded = size + (size % 2);
    yield* input.skip(padded - wanted);
    position += padded;
  }
}

/** Returns the format in the chunk `fmt `, or a text that says why it cannot be read. */
function formatIn(chunk: Uint8Array): Format | string {
  if (chunk.length < 16) return "the format of the WAV file is cut off";
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  const given = view.getUint16(0, true);
  const tag = given === EXTENSIBLE && chunk.length >= 26 ? view.getUint16(24, true) : given;
  const channels = view.getUint16(2, true);
  const sampleRate = view.getUint32(4, true);
  const bits = view.getUint16(14, true);
  const encoding = encodingOf(tag, bits);
  if (encoding === null) {
    return `WAV files of format ${tag} with ${bits} bits are not read; PCM, 32-bit float, A-law and mu-law are`;
  }
  if (channels < 1 || channels > MAX_CHANNELS)
    return `the recording has ${channels} channels, not one or two`;
  if (sampleRate === 0) return "the WAV file says that it has no samples a second";
  return { channels, sampleRate, encoding };
}

function* readAudio(
  input: ByteInput,
  { channels, sampleRate, encoding }: Format,
  size: number,
): Generator<void, WaveformOrReason> {
  const meter = peakMeter(channels);
  const samples = Array.from({ length: channels }, () => new Float32Array(FRAMES_AT_ONCE));
  const frameBytes = channels * encoding.bytes;
  const addFrames = (bytes: Uint8Array): void => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const frames = bytes.length / frameBytes;
    for (const [channel, all] of samples.entries()) {
      let at = channel * encoding.bytes;
      for (let frame = 0; frame < frames; frame++, at += frameBytes) all[frame] = encoding.read(view, at);
    }
    meter.add(samples, frames);
  };
  for (let left = size === UNKNOWN_SIZE ? Number.POSITIVE_INFINITY : size; left >= frameBytes; ) {
    const bytes = yield* input.some(Math.min(left, frameBytes * FRAMES_AT_ONCE));
    if (bytes.length === 0) break;
    const whole = bytes.length - (bytes.length % frameBytes);
    addFrames(bytes.subarray(0, whole));
    left -= bytes.length;
    if (whole === bytes.length) continue;
    const begun = bytes.slice(whole);
    const rest = yield* input.take(Math.min(left, frameBytes - begun.length));
    left -= rest.length;
    if (begun.length + rest.length === frameBytes) addFrames(Buffer.concat([begun, rest]));
  }
  return meter.waveform(sampleRate) ?? { reason: "the WAV file has no audio" };
}

function sizeIn(bytes: Uint8Array, at: number): number {
  return bytes.length < at + 4 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

function longSizeIn(bytes: Uint8Array, at: number): number {
  return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at, true));
}
