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

/** The process is busy if its event loop works for more than this part of the time, and quiet below the other. */
const BUSY = 0.5;
const QUIET = 0.2;
const LOOK_MS = 5_000;

/** The first collection may come before the thread for large bodies has ended, which refers to some of the memory. */
const COLLECTIONS = 2;

/**
 * Returns a function that is told, every few seconds, which part of the time the event loop has worked. When the
 * process is quiet after it was busy, `collectAll` is called, and once more the next time. What thousands of requests
 * have left would otherwise stay, because V8 collects only when more is allocated, and keeps the pages.
 */
export function collectingWhenQuiet(collectAll: () => void): (utilization: number) => void {
  let due = 0;
  return (utilization) => {
    if (utilization > BUSY) due = COLLECTIONS;
    if (due === 0 || utilization > QUIET) return;
    due -= 1;
    collectAll();
  };
}

/** Returns memory to the system whenever the process is quiet after it was busy. It does not keep the process alive. */
export function collectWhenQuiet(): void {
  const { gc } = globalThis;
  if (gc === undefined) return;
  const look = collectingWhenQuiet(() => gc({ type: "major", flavor: "last-resort", execution: "sync" }));
  let last = performance.eventLoopUtilization();
  setInterval(() => {
    const now = performance.eventLoopUtilization();
    look(performance.eventLoopUtilization(now, last).utilization);
    last = now;
  }, LOOK_MS).unref();
}

/** Counts the bytes of a body or an answer whose request is over. */
export const dropped = collecting(globalThis.gc && (() => void globalThis.gc?.()));
