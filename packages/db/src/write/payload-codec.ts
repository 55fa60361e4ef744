import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { PAYLOAD_DICTIONARY } from "./payload.dictionary.ts";

/**
 * A stored payload of the same call that is packed on its own. Text that both payloads have is stored once. `key`
 * identifies its event within the call.
 */
export type PayloadReference = { readonly key: string; readonly text: Uint8Array };

/*
 * The first byte says how a payload is packed. It replaces a byte of zstd's magic number, which is restored before
 * unpacking. A payload with any other first byte is plain text, written by SQL.
 */
const [WITH_DICTIONARY, WITH_REFERENCE] = [1, 2];
const MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
/** The length of a reference's key in bytes: 8 of the 22 characters of an event id's digest. */
const KEY_BYTES = 6;

/**
 * Additional bytes of the output buffer beside a quarter of the text. Node's default of 16 KB for each payload would be
 * mostly garbage.
 */
const MIN_ROOM = 256;

/** Returns the key by which a payload is referred to: the beginning of its event id's digest. */
export function referenceKey(eventId: string): string {
  return eventId.slice(eventId.lastIndexOf(":") + 1).slice(0, (KEY_BYTES * 4) / 3);
}

/**
 * Packs a payload for storage: zstd over its UTF-8 text, with our dictionary or, if given, with another payload of the
 * call as the dictionary.
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

/** Returns the key of the payload with which a stored one was packed; `null` if it was packed on its own. */
export function referenceOf(stored: Uint8Array): string | null {
  if (stored[0] !== WITH_REFERENCE) return null;
  return Buffer.from(stored.subarray(1, 1 + KEY_BYTES)).toString("base64url");
}

/**
 * Returns the text of a stored payload. If `referenceOf` returns a key, the text of that payload is needed. Throws for
 * bytes that are not a payload, and if the reference is missing.
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
