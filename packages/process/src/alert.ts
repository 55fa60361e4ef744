import type { Log, LogFields } from "./log.ts";
import { onceASecond } from "./once-a-second.ts";

/** The log messages that operators search for. No other log line contains them. */
const ALERTS = {
  /** A delivery was refused with 503, because the database cannot be reached, takes no writes or is too slow. */
  notBooked: "CRITICAL: Failed to mark event as processed",
  /** A read was refused with 503, for the same reason. */
  notRead: "CRITICAL: the ledger cannot be read",
  /** A delivery was refused with 500, because the database gave an answer that this code does not expect. */
  notClaimed: "CRITICAL: Error checking idempotency",
  /** A fault that this code did not foresee. */
  unexpected: "CRITICAL: unexpected error",
} as const;

type AlertKind = keyof typeof ALERTS;
export type Alert = (kind: AlertKind, fields: LogFields) => void;

/** Logs the first alert of a kind immediately, and the following ones at most once a second. */
export function createAlert(log: Log): Alert {
  const kinds = new Map<AlertKind, (fields: LogFields) => void>();
  return (kind, fields) => {
    const alert = kinds.get(kind) ?? onceASecond((fields) => log.error(fields, ALERTS[kind]));
    kinds.set(kind, alert);
    alert(fields);
  };
}
