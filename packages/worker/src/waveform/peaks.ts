/** A waveform: for each channel, the min and the max sample of each section in turn, from -1 to 1. */
export type Waveform = {
  readonly duration_seconds: number;
  readonly channels: readonly (readonly number[])[];
};

export type PeakMeter = {
  /** Adds samples: one array for each channel, from -1 to 1. Only the first `frames` of each are read. */
  add(samples: readonly Float32Array[], frames: number): void;
  /** Returns `null` if there was no frame. */
  waveform(sampleRate: number): Waveform | null;
};

/** The max number of pairs for each channel. There are fewer if the audio has fewer frames. */
const MAX_PAIRS = 1_000;
/** The more sections are kept, the more exact are the ends of a waveform's pairs. */
const MAX_SECTIONS = MAX_PAIRS * 8;
/** Three decimals are enough: a waveform on a screen is a few hundred pixels high. */
const SCALE = 1_000;

/**
 * Finds the min and the max sample of each section of audio of unknown length. Its memory does not grow: when all
 * sections are used, each two become one. The result does not depend on the division into chunks.
 */
export function peakMeter(channelCount: number): PeakMeter {
  const channels = Array.from({ length: channelCount }, () => ({
    mins: new Float32Array(MAX_SECTIONS).fill(Number.POSITIVE_INFINITY),
    maxs: new Float32Array(MAX_SECTIONS).fill(Number.NEGATIVE_INFINITY),
  }));
  let framesOfSection = 1;
  let full = 0;
  let framesOfLast = 0;
  let allFrames = 0;

  const addToLast = (samples: readonly Float32Array[], from: number, to: number): void => {
    for (const [channel, { mins, maxs }] of channels.entries()) {
      const all = samples[channel] ?? new Float32Array(0);
      let min = mins[full] ?? 0;
      let max = maxs[full] ?? 0;
      for (let at = from; at < to; at++) {
        const sample = all[at] ?? 0;
        if (sample < min) min = sample;
        if (sample > max) max = sample;
      }
      mins[full] = min;
      maxs[full] = max;
    }
  };

  return {
    add(samples, frames) {
      allFrames += frames;
      for (let at = 0; at < frames; ) {
        if (full === MAX_SECTIONS) {
          for (const { mins, maxs } of channels) {
            halve(mins, Math.min, Number.POSITIVE_INFINITY);
            halve(maxs, Math.max, Number.NEGATIVE_INFINITY);
          }
          full = MAX_SECTIONS / 2;
          framesOfSection *= 2;
        }
        const to = Math.min(frames, at + framesOfSection - framesOfLast);
        addToLast(samples, at, to);
        framesOfLast += to - at;
        at = to;
        if (framesOfLast < framesOfSection) continue;
        full += 1;
        framesOfLast = 0;
      }
    },
    waveform(sampleRate) {
      const sections = full + (framesOfLast > 0 ? 1 : 0);
      if (sections === 0) return null;
      return {
        duration_seconds: rounded(allFrames / sampleRate),
        channels: channels.map(({ mins, maxs }) => pairsOf(mins, maxs, sections)),
      };
    },
  };
}

/** Joins each two sections into one. The freed ones become empty. */
function halve(values: Float32Array, join: (one: number, other: number) => number, empty: number): void {
  for (let at = 0; at < values.length; at += 2) {
    values[at / 2] = join(values[at] ?? empty, values[at + 1] ?? empty);
  }
  values.fill(empty, values.length / 2);
}

function pairsOf(mins: Float32Array, maxs: Float32Array, sections: number): number[] {
  const count = Math.min(MAX_PAIRS, sections);
  return Array.from({ length: count }, (_, pair) => {
    const from = Math.floor((pair * sections) / count);
    const to = Math.floor(((pair + 1) * sections) / count);
    return [
      mins.subarray(from, to).reduce((one, other) => Math.min(one, other)),
      maxs.subarray(from, to).reduce((one, other) => Math.max(one, other)),
    ].map(rounded);
  }).flat();
}

/** Never returns -0, which JSON does not have. */
function rounded(value: number): number {
  return (Math.round(value * SCALE) + 0) / SCALE;
}
