import type { quarantineGroupsSchema } from "@call-ledger/contract/operations";
import type { z } from "zod";

/** Deliveries that wait for the same reason. */
export type QuarantineGroup = z.output<typeof quarantineGroupsSchema>["data"][number];

/** The filter of the API that selects a group's deliveries. */
export function filterOf({ account_id, reason, provider_agent_id }: QuarantineGroup) {
  return { account: account_id, reason, ...(provider_agent_id === null ? {} : { provider_agent_id }) };
}
