import type { Log, LogFields } from "./log.ts";

/** The words that operators search the log for; nothing else is logged with them. */
const ALERTS = {
  /** A delivery was refused with 503, because the database cannot be reached or is too slow. */
  notBooked: "Failed to mark event as processed",
  /** A question was refused with 503, for the same reason. */
  notRead: "CRITICAL: the ledger cannot be read",
  /** A delivery was refused with 500, because the database answered what this code does not expect. */
  notClaimed: "CRITICAL: Error checking idempotency",
  /** Anything that this code did not foresee. */
  unexpected: "CRITICAL: unexpected error",
} as const;

type AlertKind = keyof typeof ALERTS;
export type Alert = (kind: AlertKind, fields: LogFields) => void;

const WINDOW_MS = 1_000;

/**
 * Alerts at once, then at most once a second and kind: an outage refuses thousands of deliveries in the same words.
 * What a window swallowed is told at its end, as `times`, with the fields of the last one.
 */
export function createAlert(log: Log): Alert {
  const windows = new Map<AlertKind, { swallowed: number; last: LogFields }>();

  const closeWindow = (kind: AlertKind) => {
    const window = windows.get(kind);
    windows.delete(kind);
    if (window === undefined || window.swallowed === 0) return;
    log.error({ ...window.last, times: window.swallowed }, ALERTS[kind]);
    openWindow(kind);
  };
  const openWindow = (kind: AlertKind) => {
    windows.set(kind, { swallowed: 0, last: {} });
    setTimeout(closeWindow, WINDOW_MS, kind).unref();
  };

  return (kind, fields) => {
    const window = windows.get(kind);
    if (window !== undefined) {
      window.swallowed += 1;
      window.last = fields;
      return;
    }
    log.error({ ...fields, times: 1 }, ALERTS[kind]);
    openWindow(kind);
  };
}
