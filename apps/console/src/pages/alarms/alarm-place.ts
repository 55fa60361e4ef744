import type { AlarmAnswer } from "@call-ledger/contract/alerts";
import type { Me } from "@call-ledger/contract/people";
import type { PagePath } from "../../app/navigation.ts";
import type { CallsSearch } from "../calls/calls-search.ts";

/** The page that shows what an alarm is about. */
export type AlarmPlace = { readonly to: PagePath; readonly search?: CallsSearch };

const PLACES: Readonly<Partial<Record<AlarmAnswer["condition"], AlarmPlace>>> = {
  no_deliveries: { to: "/operator/accounts" },
  signatures_refused: { to: "/operator/accounts" },
  deliveries_failing: { to: "/operator/deliveries" },
  provider_failures: { to: "/calls", search: { outcome: "failed" } },
  calls_overdue: { to: "/calls", search: { attention: "missing_report,stuck" } },
  days_incomplete: { to: "/completeness" },
  calls_repaired: { to: "/completeness" },
  quarantine_growing: { to: "/operator/quarantine" },
  recordings_failing: { to: "/calls", search: { recording_state: "pending,fetching" } },
  recordings_given_up: { to: "/calls", search: { recording_state: "failed,expired" } },
  recordings_expiring: { to: "/calls", search: { recording_deadline_within_hours: "24" } },
  worker_silent: { to: "/operator/health" },
  database_filling: { to: "/operator/health" },
};

/** The places of those who are not the operator, if they have another one. */
const MEMBERS_PLACES: typeof PLACES = { quarantine_growing: { to: "/completeness" } };

/**
 * The page that shows what an alarm is about; undefined: there is none. Pages of an organization show the one whose
 * calls are shown, so an alarm of another one has none.
 */
export function placeOf(
  { condition, organization_id: owner }: Pick<AlarmAnswer, "condition" | "organization_id">,
  {
    organization,
    is_operator: isOperator,
  }: Pick<Me, "is_operator"> & { organization: Pick<NonNullable<Me["organization"]>, "id"> | null },
): AlarmPlace | undefined {
  const place = (isOperator ? undefined : MEMBERS_PLACES[condition]) ?? PLACES[condition];
  const isOperators = place?.to.startsWith("/operator/") ?? false;
  return isOperators || owner === null || owner === organization?.id ? place : undefined;
}
