import type { Spoken } from "./spoken.ts";

const RATE = 8_000;
const HEADER_BYTES = 44;
const BYTES_A_SAMPLE = 2;
/** The silence after the last word. */
const TAIL_SECONDS = 1;
const MAX_SECONDS = 600;
/** The pitch of each voice in hertz, and its syllables in a second. */
const VOICES = {
  agent: { pitch: 205, syllables: 4.6 },
  caller: { pitch: 118, syllables: 3.9 },
} as const;

/**
 * Returns a WAV file (16 bits, 8 kHz) in which a voice hums while somebody speaks. Equal input gives equal bytes.
 * `stereo`: the caller is left and the agent right. `mono`: both are in one channel.
 */
export function speechWav(spoken: readonly Spoken[], channels: "mono" | "stereo"): Uint8Array {
  const seconds = Math.min(MAX_SECONDS, Math.max(0, ...spoken.map(({ to }) => to)) + TAIL_SECONDS);
  const count = Math.ceil(seconds * RATE);
  const sides = channels === "stereo" ? 2 : 1;
  const bytes = new Uint8Array(HEADER_BYTES + count * sides * BYTES_A_SAMPLE);
  const view = new DataView(bytes.buffer);
  writeHeader(view, sides);
  for (const { speaker, from, to } of spoken) {
    const side = speaker === "agent" ? sides - 1 : 0;
    const end = Math.min(count, Math.floor(to * RATE));
    for (let at = Math.floor(from * RATE); at < end; at++) {
      const place = HEADER_BYTES + (at * sides + side) * BYTES_A_SAMPLE;
      view.setInt16(place, Math.round(voice(VOICES[speaker], at / RATE) * 32_767), true);
    }
  }
  return bytes;
}

/**
 * Returns one sample of a vowel, -1 to 1: a few harmonics of a wavering pitch, louder and softer with the syllables.
 */
function voice({ pitch, syllables }: { pitch: number; syllables: number }, second: number): number {
  const phase = 2 * Math.PI * pitch * (second + 0.004 * Math.sin(2.1 * second));
  const tone = Math.sin(phase) + 0.5 * Math.sin(2 * phase) + 0.3 * Math.sin(3 * phase);
  const loudness = Math.abs(Math.sin(Math.PI * syllables * second)) * (0.7 + 0.3 * Math.sin(1.7 * second));
  return 0.3 * tone * loudness;
}

function writeHeader(view: DataView, sides: number): void {
  const text = (at: number, word: string): void => {
    for (let index = 0; index < word.length; index++) view.setUint8(at + index, word.charCodeAt(index));
  };
  const frame = sides * BYTES_A_SAMPLE;
  text(0, "RIFF");
  view.setUint32(4, view.byteLength - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, sides, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * frame, true);
  view.setUint16(32, frame, true);
  view.setUint16(34, BYTES_A_SAMPLE * 8, true);
  text(36, "data");
  view.setUint32(40, view.byteLength - HEADER_BYTES, true);
}
