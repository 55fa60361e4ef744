/** A source that asks for more is not listened to: the deadline of its recordings is days away, not weeks. */
const LONGEST_MS = 24 * 3_600_000;

/** The header Retry-After (RFC 9110, 10.2.3: seconds or a date) as milliseconds from `now`; `null`: nothing to go by. */
export function retryAfterMs(header: string | undefined, now: number): number | null {
  if (header === undefined) return null;
  const text = header.trim();
  const wait = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isFinite(wait) && wait > 0 ? Math.min(wait, LONGEST_MS) : null;
}
