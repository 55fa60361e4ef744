import type { Instant } from "@call-ledger/domain";
import { boundedInstant } from "@call-ledger/domain";

/** The default max age of a signed timestamp, and the max time that it may be ahead of the receiver's clock. */
const SIGNATURE_WINDOW_MS = 5 * 60_000;

/** Senders use different units: 1e12 seconds is the year 33658, 1e12 milliseconds is 2001. */
const MIN_MILLISECONDS = 1e12;

const MAX_TEXT_LENGTH = 64;
const DIGITS = /^\d{1,16}$/;
const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d(?::?\d\d)?)?$/i;

function milliseconds(value: number): number {
  return value > MIN_MILLISECONDS ? value : value * 1000;
}

/**
 * Returns whether a signed timestamp, digits in seconds or milliseconds, is at most `toleranceMs` before `now` and at
 * most five minutes after it.
 */
export function isRecent(timestamp: string, now: Instant, toleranceMs = SIGNATURE_WINDOW_MS): boolean {
  if (!DIGITS.test(timestamp)) return false;
  const ageMs = now - milliseconds(Number(timestamp));
  return ageMs <= toleranceMs && ageMs >= -Math.min(toleranceMs, SIGNATURE_WINDOW_MS);
}

/**
 * Returns an instant: from seconds or milliseconds as a number or digits, or from an ISO 8601 text. A text without a
 * zone is UTC, because with the machine's own zone two receivers would disagree. Otherwise `null`.
 */
export function instantOf(value: unknown): Instant | null {
  if (typeof value === "number") return boundedInstant(milliseconds(value));
  if (typeof value !== "string" || value.length > MAX_TEXT_LENGTH) return null;
  const text = usualForm(value);
  if (DIGITS.test(text)) return boundedInstant(milliseconds(Number(text)));
  const iso = ISO.exec(text);
  if (iso === null) return null;
  return boundedInstant(iso[1] === undefined ? `${text}Z` : text);
}

/** Normalizes a text: no blanks around it or before its zone, Z for UTC, and a point before the fraction. */
function usualForm(text: string): string {
  return text
    .trim()
    .replace(",", ".")
    .replace(/ ?(?:utc|gmt|z)$/i, "Z")
    .replace(/ (?=[+-])/, "");
}
