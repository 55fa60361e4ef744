import { MPEGDecoder } from "mpg123-decoder";
import type { ByteProgram } from "./byte-input.ts";
import { peakMeter } from "./peaks.ts";
import type { WaveformOrReason } from "./wav-waveform.ts";

/** Samples of one frame of layer III, MPEG 2. A frame of MPEG 1 has twice as many. */
const FRAME_SAMPLES = 576;
/** The decoder decodes these bytes to seconds of audio in one call, which blocks the process meanwhile. */
const BYTES_AT_ONCE = 16_384;

/** Reads an mp3 file chunk by chunk. Damaged frames are left out. */
export async function mp3Waveform(): Promise<ByteProgram<WaveformOrReason>> {
  const decoder = new MPEGDecoder();
  await decoder.ready;
  const meter = peakMeter(2);
  let sampleRate = 0;
  let samples = 0;
  let faults = 0;
  let isMono = true;
  return {
    push(chunk) {
      for (let at = 0; at < chunk.length; at += BYTES_AT_ONCE) {
        const decoded = silently(() => decoder.decode(chunk.subarray(at, at + BYTES_AT_ONCE)));
        sampleRate ||= decoded.sampleRate;
        samples += decoded.samplesDecoded;
        faults += decoded.errors.length;
        meter.add(decoded.channelData, decoded.samplesDecoded);
        // The decoder returns one channel as two equal ones.
        isMono &&= areEqual(decoded.channelData);
      }
    },
    end() {
      const waveform = sampleRate === 0 ? null : meter.waveform(sampleRate);
      if (waveform === null) return { reason: "the mp3 file has no audio" };
      if (faults * FRAME_SAMPLES > samples) return { reason: "the mp3 file is damaged" };
      return isMono ? { ...waveform, channels: waveform.channels.slice(0, 1) } : waveform;
    },
  };
}

function areEqual([one, other]: readonly Float32Array[]): boolean {
  return one?.every((sample, at) => sample === other?.[at]) ?? true;
}

/** The decoder also writes each fault to the console. The log of this process must not contain bytes of a source. */
function silently<T>(work: () => T): T {
  const { error } = console;
  console.error = () => undefined;
  try {
    return work();
  } finally {
    console.error = error;
  }
}
