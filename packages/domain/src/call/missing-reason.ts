/**
 * Why the ledger does not hold a call that the provider has. `not_booked`: not yet. `unknown_agent`: no organization has
 * its agent. `organization_conflict`: it may be another organization's. `refused`: the database does not take it.
 * `gone`: the provider no longer has what the ledger lacks.
 */
export const MISSING_REASONS = [
  "not_booked",
  "unknown_agent",
  "organization_conflict",
  "refused",
  "gone",
] as const;
export type MissingReason = (typeof MISSING_REASONS)[number];
