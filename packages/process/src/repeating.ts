export type Repeating = {
  /** Begins no further round and resolves when the one under way is over. */
  stop(): Promise<void>;
};

/**
 * Runs rounds one after the other, never two at once. Each returns how many milliseconds to wait before the next, or
 * `null` when it was the last. A round must not throw. The waiting keeps no process alive.
 */
export function repeating(round: () => Promise<number | null>): Repeating {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let underWay = Promise.resolve();
  const run = () => {
    underWay = round().then((pauseMs) => {
      if (!stopped && pauseMs !== null) timer = setTimeout(run, pauseMs).unref();
    });
  };
  run();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      return underWay;
    },
  };
}
