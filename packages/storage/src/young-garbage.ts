import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes of chunks that may lie about unused. */
const MOST_BYTES = 8 * 1024 * 1024;

setFlagsFromString("--expose-gc");
const collect: (options: { readonly type: "minor" }) => void = runInNewContext("gc");

/**
 * Counts the chunks of a stream that nobody needs any more, and has them collected before they are much. V8 counts the
 * few bytes of objects around them and leaves 60 MB and more lying where a fast source is copied.
 */
export function youngGarbage(): { count(chunk: Uint8Array): void } {
  let bytes = 0;
  return {
    count(chunk) {
      bytes += chunk.length;
      if (bytes < MOST_BYTES) return;
      bytes = 0;
      collect({ type: "minor" });
    },
  };
}
