/** A longer wish of a source is ignored, because its recordings are deleted within days. */
const LONGEST_MS = 24 * 3_600_000;

/**
 * Returns the header Retry-After (RFC 9110, 10.2.3: seconds or a date) as milliseconds from `now`; `null` if it is
 * missing or unreadable.
 */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isFinite(wait) && wait > 0 ? Math.min(wait, LONGEST_MS) : null;
}
