export type Repeating = {
  /** Begins the next round now, or as soon as the one under way is over. */
  hurry(): void;
  /** Begins no further round and resolves when the one under way is over. */
  stop(): Promise<void>;
};

/**
 * Runs rounds one after the other, never two at once. Each returns how many milliseconds to wait before the next, or
 * `null` when it was the last. A round must not throw. The waiting keeps no process alive, unless `keepsAlive`.
 */
export function repeating(round: () => Promise<number | null>, { keepsAlive = false } = {}): Repeating {
  let stopped = false;
  let isUnderWay = false;
  let hurried = false;
  let timer: NodeJS.Timeout | undefined;
  let underWay = Promise.resolve();
  const run = () => {
    clearTimeout(timer);
    isUnderWay = true;
    hurried = false;
    underWay = round().then((pauseMs) => {
      isUnderWay = false;
      stopped ||= pauseMs === null;
      if (stopped || pauseMs === null) return;
      if (hurried) return run();
      timer = setTimeout(run, pauseMs);
      if (!keepsAlive) timer.unref();
    });
  };
  run();
  return {
    hurry() {
      if (isUnderWay) hurried = true;
      else if (!stopped) run();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      return underWay;
    },
  };
}
