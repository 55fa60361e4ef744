import type { LogFields } from "./log.ts";

const WINDOW_MS = 1_000;

/**
 * Logs the first event immediately and the following ones at most once a second, because an outage or a scan causes
 * thousands of equal events. At the end of each second, one line counts the others as `times`, with the fields of the
 * last one.
 */
export function onceASecond(say: (fields: LogFields) => void): (fields: LogFields) => void {
  let swallowed = 0;
  let last: LogFields = {};
  let isOpen = false;

  const closeWindow = (): void => {
    isOpen = false;
    if (swallowed === 0) return;
    say({ ...last, times: swallowed });
    openWindow();
  };
  const openWindow = (): void => {
    [swallowed, isOpen] = [0, true];
    setTimeout(closeWindow, WINDOW_MS).unref();
  };
  return (fields) => {
    if (isOpen) {
      swallowed += 1;
      last = fields;
      return;
    }
    say({ ...fields, times: 1 });
    openWindow();
  };
}
