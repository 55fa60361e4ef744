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
