const MEGABYTE = 1024 * 1024;

/** Smaller bodies and answers leave objects that V8 collects early. */
const LARGE_BYTES = 65_536;
/** A collection takes about 25 ms. To read and book so many bytes of large bodies takes ten times as long. */
const MIN_BYTES = 4 * MEGABYTE;
const EVERY_MS = 500;

/**
 * Collects garbage after large bodies and answers, at most twice a second. V8 itself lets their texts wait until its
 * heap has doubled, and does not count what the database's client has copied of them. `collect` is there only with
 * `--expose-gc`, which the build starts the api with.
 */
export function collecting(collect: (() => void) | undefined): (bytes: number) => void {
  let dropped = 0;
  let planned: NodeJS.Timeout | null = null;
  return (bytes) => {
    if (bytes < LARGE_BYTES) return;
    dropped += bytes;
    if (collect === undefined || planned !== null || dropped < MIN_BYTES) return;
    planned = setTimeout(() => {
      planned = null;
      dropped = 0;
      collect();
    }, EVERY_MS).unref();
  };
}

/** Counts the bytes of a body or an answer whose request is over. */
export const dropped = collecting(globalThis.gc && (() => void globalThis.gc?.()));
