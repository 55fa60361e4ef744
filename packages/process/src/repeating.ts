export type Repeating = {
  /** Begins the next round now, or when the running one ends. */
  hurry(): void;
  /** Begins no further round. Resolves when the running one ends. */
  stop(): Promise<void>;
};

/**
 * Runs rounds one after another. Each returns the number of milliseconds to wait before the next one, or `null` if it
 * was the last. A round must not throw. The timer does not keep the process alive, unless `keepsAlive` is set.
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
