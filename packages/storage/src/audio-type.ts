/** The types of stored recordings. Each is also the extension of the object's name. */
export type AudioType = "wav" | "mp3" | "m4a" | "ogg";

/** The number of bytes that `audioType` needs. */
export const HEAD_BYTES = 16;

export const MEDIA_TYPES: Readonly<Record<AudioType, string>> = {
  wav: "audio/wav",
  mp3: "audio/mpeg",
  m4a: "audio/mp4",
  ogg: "audio/ogg",
};

/**
 * Returns the type of a file by its first bytes, or `null` for a file that is not a recording. HTTP headers are not
 * considered.
 */
export function audioType(head: Uint8Array): AudioType | null {
  const text = (from: number, to: number) => Buffer.from(head.subarray(from, to)).toString("latin1");
  if (["RIFF", "RF64"].includes(text(0, 4)) && text(8, 12) === "WAVE") return "wav";
  if (text(0, 4) === "OggS") return "ogg";
  if (text(4, 8) === "ftyp" && /^(M4A |M4B |mp4[12]|isom|iso\d|dash)$/.test(text(8, 12))) return "m4a";
  if (text(0, 3) === "ID3" || isMpegFrame(head)) return "mp3";
  return null;
}

/**
 * Checks a frame header of ISO/IEC 11172-3, 2.4.1.3: the sync word, and no reserved version, layer, bit rate or
 * sampling rate.
 */
function isMpegFrame([first = 0, second = 0, third = 0]: Uint8Array): boolean {
  const version = (second >> 3) & 3;
  const layer = (second >> 1) & 3;
  const bitRate = third >> 4;
  const samplingRate = (third >> 2) & 3;
  const synced = first === 0xff && second >> 5 === 7;
  return synced && version !== 1 && layer !== 0 && bitRate !== 0 && bitRate !== 15 && samplingRate !== 3;
}
