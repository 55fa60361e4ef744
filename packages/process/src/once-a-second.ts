import type { LogFields } from "./log.ts";

const WINDOW_MS = 1_000;

/**
 * Says the first at once, then at most once a second: an outage or a scan has thousands of the same. What a window
 * swallowed is said at its end, as `times`, with the fields of the last one.
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
