import type { Instant } from "@call-ledger/domain";
import { boundedInstant } from "@call-ledger/domain";

/** The default max age of a signed timestamp, and the max time that it may be ahead of the receiver's clock. */
const SIGNATURE_WINDOW_MS = 5 * 60_000;

/** Senders use different units: 1e12 seconds is the year 33658, 1e12 milliseconds is 2001. */
const MIN_MILLISECONDS = 1e12;

const MAX_TEXT_LENGTH = 64;
const DIGITS = /^\d{1,16}$/;
const DECIMAL = /^\d{1,16}(?:\.\d{1,9})?$/;
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
 * Returns an instant: from seconds or milliseconds as a number or digits, from an ISO 8601 text, or from a date of mail
 * and HTTP. A text without a zone is UTC, because with the machine's own zone two receivers would disagree. Otherwise
 * `null`.
 */
export function instantOf(value: unknown): Instant | null {
  if (typeof value === "number") return boundedInstant(milliseconds(value));
  if (typeof value !== "string" || value.length > MAX_TEXT_LENGTH) return null;
  const text = usualForm(value);
  if (DECIMAL.test(text)) return boundedInstant(milliseconds(Number(text)));
  const iso = ISO.exec(text);
  if (iso === null) return null;
  return boundedInstant(iso[1] === undefined ? `${text}Z` : text);
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
/** RFC 5322: `Thu, 12 Mar 2026 15:04:20 +0000`. */
const MAIL_DATE =
  /^(?:[a-z]{3}, ?)?(\d{1,2}) ([a-z]{3}) (\d{4}) (\d\d:\d\d(?::\d\d)? ?(?:utc|gmt|z|[+-]\d{4}))$/i;

/**
 * Normalizes a text: no blanks around it or before its zone, Z for UTC, no name of a zone after its offset, and a point
 * before the fraction.
 */
function usualForm(text: string): string {
  return isoDate(text.trim())
    .replace(",", ".")
    .replace(/\[[\w/+-]+\]$/, "")
    .replace(/([+-]\d\d:?\d\d) [a-z]{1,5}$/i, "$1")
    .replace(/ ?(?:utc|gmt|z)$/i, "Z")
    .replace(/ (?=[+-])/, "");
}

function isoDate(text: string): string {
  const [, day = "", name = "", year, time] = MAIL_DATE.exec(text) ?? [];
  const month = MONTHS.indexOf(name.toLowerCase()) + 1;
  return month === 0 ? text : `${year}-${String(month).padStart(2, "0")}-${day.padStart(2, "0")}T${time}`;
}
