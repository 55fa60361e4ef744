import type { Log, LogFields } from "./log.ts";
import { onceASecond } from "./once-a-second.ts";

/** The words that operators search the log for; nothing else is logged with them. */
const ALERTS = {
  /** A delivery was refused with 503, because the database cannot be reached, takes no writes or is too slow. */
  notBooked: "CRITICAL: Failed to mark event as processed",
  /** A question was refused with 503, for the same reason. */
  notRead: "CRITICAL: the ledger cannot be read",
  /** A delivery was refused with 500, because the database answered what this code does not expect. */
  notClaimed: "CRITICAL: Error checking idempotency",
  /** Anything that this code did not foresee. */
  unexpected: "CRITICAL: unexpected error",
} as const;

type AlertKind = keyof typeof ALERTS;
export type Alert = (kind: AlertKind, fields: LogFields) => void;

/** Alerts at once, then at most once a second and kind. */
export function createAlert(log: Log): Alert {
  const kinds = new Map<AlertKind, (fields: LogFields) => void>();
  return (kind, fields) => {
    const alert = kinds.get(kind) ?? onceASecond((told) => log.error(told, ALERTS[kind]));
    kinds.set(kind, alert);
    alert(fields);
  };
}
