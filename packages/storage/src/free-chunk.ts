/**
 * Frees a chunk's memory immediately. V8 counts only the few bytes of the object and not the chunk's, so a fast source
 * leaves 60 MB of chunks before the next garbage collection. The chunk is empty afterwards. A chunk that shares its
 * buffer with others is not changed.
 */
export function freeChunk({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
