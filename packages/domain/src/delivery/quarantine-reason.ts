/** The reasons why a verified delivery could not be booked. */
export const QUARANTINE_REASONS = [
  "unknown_agent",
  "organization_conflict",
  "unparseable",
  "too_complex",
  "no_call",
  "call_id_too_long",
  "refused",
] as const;
export type QuarantineReason = (typeof QUARANTINE_REASONS)[number];

/**
 * The reasons whose deliveries a replay tries if it names none. A person has to decide a conflict of organizations, so
 * its deliveries have to be named.
 */
export const REPLAYED_BY_DEFAULT: readonly QuarantineReason[] = QUARANTINE_REASONS.filter(
  (reason) => reason !== "organization_conflict",
);
