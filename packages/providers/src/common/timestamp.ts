import type { Instant } from "@call-ledger/domain";
import { boundedInstant } from "@call-ledger/domain";

/** How far a signed timestamp may lie before the receiver's clock if nobody says otherwise, and after it at most. */
const SIGNATURE_WINDOW_MS = 5 * 60_000;

/** Senders disagree on the unit; 1e12 seconds is the year 33658, 1e12 milliseconds is 2001. */
const MIN_MILLISECONDS = 1e12;

const MAX_TEXT_LENGTH = 64;
const DIGITS = /^\d{1,16}$/;
const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d(?::?\d\d)?)?$/i;

function milliseconds(value: number): number {
  return value > MIN_MILLISECONDS ? value : value * 1000;
}

/**
 * Whether a signed timestamp, digits in seconds or milliseconds, lies at most `toleranceMs` before `now`, and at most five
 * minutes after it.
 */
export function isRecent(timestamp: string, now: Instant, toleranceMs = SIGNATURE_WINDOW_MS): boolean {
  if (!DIGITS.test(timestamp)) return false;
  const ageMs = now - milliseconds(Number(timestamp));
  return ageMs <= toleranceMs && ageMs >= -Math.min(toleranceMs, SIGNATURE_WINDOW_MS);
}

/**
 * An instant from what the wire carries: seconds or milliseconds as number or digits, or an ISO 8601 text, which is
 * UTC where it names no zone (the machine's own zone would make two receivers disagree). Else `null`.
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

/** Without blanks around it and before its zone; UTC is called Z, and a fraction begins with a point. */
function usualForm(text: string): string {
  return text
    .trim()
    .replace(",", ".")
    .replace(/ ?(?:utc|gmt|z)$/i, "Z")
    .replace(/ (?=[+-])/, "");
}
