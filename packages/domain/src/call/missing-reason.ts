/**
 * The reasons why the ledger lacks a call that the provider has. `not_booked`: it is not booked yet. `unknown_agent`:
 * no organization has its agent. `organization_conflict`: it may belong to another organization. `refused`: the
 * database refuses it. `gone`: the provider no longer has the missing part.
 */
export const MISSING_REASONS = [
  "not_booked",
  "unknown_agent",
  "organization_conflict",
  "refused",
  "gone",
] as const;
export type MissingReason = (typeof MISSING_REASONS)[number];
