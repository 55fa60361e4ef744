import type { quarantineGroupsSchema } from "@call-ledger/contract/quarantine";
import type { z } from "zod";

/** Deliveries that wait for the same reason. */
export type QuarantineGroup = z.output<typeof quarantineGroupsSchema>["data"][number];

/** The filter of the API that selects exactly a group's deliveries. */
export function filterOf({
  account_id,
  reason,
  provider_agent_id: agent,
  our_number: number,
}: QuarantineGroup) {
  return {
    account: account_id,
    reason,
    provider_agent_id: agent ?? "none",
    ...(agent === null ? { our_number: number ?? "none" } : {}),
  };
}

/** The key of a group among the others. */
export function keyOf({ account_id, reason, provider_agent_id, our_number }: QuarantineGroup): string {
  return [account_id, reason, provider_agent_id, our_number].join(" ");
}
