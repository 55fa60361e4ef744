const CHECK_MS = 500;

/**
 * Calls back once when the process that started this one is gone: a killed parent passes no signal on.
 * Does not keep the process alive.
 */
export function onParentGone(callback: () => void): void {
  const parent = process.ppid;
  const check = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(check);
    callback();
  }, CHECK_MS);
  check.unref();
}
