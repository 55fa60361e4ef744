import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { PAYLOAD_DICTIONARY } from "./payload.dictionary.ts";

/**
 * A payload of the same call that is stored already, and by itself: what both say is stored once.
 * `key` names its event within the call.
 */
export type PayloadReference = { readonly key: string; readonly text: Uint8Array };

/*
 * The first byte says how a payload is packed. It replaces a byte of zstd's magic number, which is put back before
 * unpacking. A payload with any other first byte is plain text, written by SQL.
 */
const [WITH_DICTIONARY, WITH_REFERENCE] = [1, 2];
const MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
/** Bytes of a reference's key: 8 of the 22 characters of an event id's digest. */
const KEY_BYTES = 6;

/** Bytes to compress into, beside a quarter of the text; Node's 16 KB a payload would be most of what is thrown away. */
const MIN_ROOM = 256;

/** The key under which a payload can be referred to: the beginning of its event id's digest. */
export function referenceKey(eventId: string): string {
  return eventId.slice(eventId.lastIndexOf(":") + 1).slice(0, (KEY_BYTES * 4) / 3);
}

/**
 * A payload as it is stored: zstd over its UTF-8 text, with our dictionary or, where one is given, with another payload
 * of the call in its place.
 */
export function packPayload(text: string | Uint8Array, reference?: PayloadReference): Buffer {
  const dictionary = reference?.text ?? PAYLOAD_DICTIONARY;
  const frame = zstdCompressSync(text, {
    dictionary,
    chunkSize: MIN_ROOM + Math.floor(text.length / 4),
    params: { [constants.ZSTD_c_dictIDFlag]: 0 },
  });
  const last = MAGIC.length - 1;
  if (reference === undefined) {
    frame[last] = WITH_DICTIONARY;
    return frame.subarray(last);
  }
  frame[last] = WITH_REFERENCE;
  const key = Buffer.from(reference.key, "base64url");
  return Buffer.concat([frame.subarray(last, last + 1), key, frame.subarray(last + 1)]);
}

/** The key of the payload that a stored one was packed with, `null`: it can be read by itself. */
export function referenceOf(stored: Uint8Array): string | null {
  if (stored[0] !== WITH_REFERENCE) return null;
  return Buffer.from(stored.subarray(1, 1 + KEY_BYTES)).toString("base64url");
}

/**
 * The text of a stored payload; one that `referenceOf` finds a key in needs the text of that payload.
 * Throws on bytes that are no payload, and where the reference is missing.
 */
export function unpackPayload(stored: Uint8Array, reference?: string): string {
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  const first = bytes[0];
  if (first === WITH_DICTIONARY) return decompressed(bytes.subarray(1), PAYLOAD_DICTIONARY);
  if (first === WITH_REFERENCE) {
    if (reference === undefined) throw new Error("the payload cannot be read without the one it refers to");
    return decompressed(bytes.subarray(1 + KEY_BYTES), Buffer.from(reference));
  }
  return bytes.subarray(0, MAGIC.length).equals(MAGIC)
    ? zstdDecompressSync(bytes).toString("utf8")
    : bytes.toString("utf8");
}

function decompressed(frame: Uint8Array, dictionary: Uint8Array): string {
  return zstdDecompressSync(Buffer.concat([MAGIC, frame]), { dictionary }).toString("utf8");
}
