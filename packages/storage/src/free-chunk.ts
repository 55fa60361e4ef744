/**
 * Frees a chunk's memory at once. V8 counts the few bytes of the object and not the chunk, so a fast source leaves
 * 60 MB of chunks behind before the next garbage collection. The chunk is empty afterwards. A chunk that shares its
 * buffer with others is left as it is.
 */
export function freeChunk({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
