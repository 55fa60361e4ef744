/**
 * Frees the memory of bytes without waiting for the garbage collector. V8 counts only the small object around the
 * bytes, so it can leave megabytes uncollected for long: a fast source of a recording leaves 60 MB. The bytes are empty
 * afterwards. Bytes that share their memory with others are left as they are.
 */
export function freeBytes({ buffer, byteLength }: Uint8Array): void {
  if (byteLength > 0 && buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
