import type { quarantineGroupsSchema } from "@call-ledger/contract/operations";
import type { z } from "zod";

/** Deliveries that wait for the same thing. */
export type QuarantineGroup = z.output<typeof quarantineGroupsSchema>["data"][number];

/** The part of the quarantine that a group stands for, as the API filters it. */
export function filterOf({ account_id, reason, provider_agent_id }: QuarantineGroup) {
  return { account: account_id, reason, ...(provider_agent_id === null ? {} : { provider_agent_id }) };
}
