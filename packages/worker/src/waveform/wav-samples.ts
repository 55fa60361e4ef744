/** The encoding of samples in a WAV file. */
export type Encoding = {
  readonly bytes: number;
  /** Returns one sample, from -1 to 1. */
  read(view: DataView, at: number): number;
};

const PCM = 1;
const FLOAT = 3;
const A_LAW = 6;
const MU_LAW = 7;

/** Returns the encoding of a WAV format tag and its bits for each sample; `null` if it is not supported. */
export function encodingOf(tag: number, bits: number): Encoding | null {
  return ENCODINGS[`${tag}/${bits}`] ?? null;
}

const ENCODINGS: Readonly<Record<string, Encoding>> = {
  // Samples of eight bits are unsigned.
  [`${PCM}/8`]: { bytes: 1, read: (view, at) => (view.getUint8(at) - 0x80) / 0x80 },
  [`${PCM}/16`]: { bytes: 2, read: (view, at) => view.getInt16(at, true) / 0x80_00 },
  [`${PCM}/24`]: {
    bytes: 3,
    read: (view, at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 0x80_00_00,
  },
  [`${PCM}/32`]: { bytes: 4, read: (view, at) => view.getInt32(at, true) / 0x80_00_00_00 },
  [`${FLOAT}/32`]: { bytes: 4, read: (view, at) => bounded(view.getFloat32(at, true)) },
  [`${A_LAW}/8`]: fromTable(linearOfALaw),
  [`${MU_LAW}/8`]: fromTable(linearOfMuLaw),
};

function bounded(sample: number): number {
  return Number.isNaN(sample) ? 0 : Math.max(-1, Math.min(1, sample));
}

function fromTable(linear: (byte: number) => number): Encoding {
  const table = Float32Array.from({ length: 256 }, (_, byte) => linear(byte) / 0x80_00);
  return { bytes: 1, read: (view, at) => table[view.getUint8(at)] ?? 0 };
}

/** ITU-T G.711, 16 bits. */
function linearOfALaw(byte: number): number {
  const bits = byte ^ 0x55;
  const segment = (bits >> 4) & 7;
  const step = ((bits & 0xf) << 4) + 8;
  const size = segment === 0 ? step : (step + 0x100) << (segment - 1);
  return (bits & 0x80) === 0 ? -size : size;
}

/** ITU-T G.711, 16 bits. */
function linearOfMuLaw(byte: number): number {
  const bits = ~byte & 0xff;
  const size = ((((bits & 0xf) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84;
  return (bits & 0x80) === 0 ? size : -size;
}
