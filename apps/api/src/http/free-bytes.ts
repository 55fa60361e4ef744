/**
 * Gives the memory of bytes back at once: V8 counts the few bytes of the object around them, so garbage of megabytes
 * can wait for long to be collected. The bytes are empty afterwards. Bytes that share their memory with others are left.
 */
export function freeBytes({ buffer, byteLength }: Uint8Array): void {
  if (byteLength > 0 && buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
