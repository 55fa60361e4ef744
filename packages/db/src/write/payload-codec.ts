import { zstdCompressSync, zstdDecompressSync } from "node:zlib";

const ZSTD_MAGIC = 0xfd2fb528;

/** A payload as it is stored: zstd over its UTF-8 text. */
export function packPayload(text: string): Buffer {
  return zstdCompressSync(text);
}

/** The text of a stored payload; uncompressed ones, written by SQL, are read too. Throws on bytes that are neither. */
export function unpackPayload(stored: Uint8Array): string {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  const packed = bytes.length >= 4 && bytes.readUInt32LE(0) === ZSTD_MAGIC;
  return (packed ? zstdDecompressSync(bytes) : bytes).toString("utf8");
}
