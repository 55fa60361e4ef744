import type { QuarantinedDelivery } from "@call-ledger/contract/quarantine";
import type { WaitingSelection } from "@call-ledger/db/read";
import { QUARANTINE_REASONS } from "@call-ledger/domain";

type Group = {
  readonly accountId: string;
  readonly provider: string;
  readonly reason: string;
  readonly providerAgentId: string | null;
  readonly ourNumber: string | null;
  readonly deliveries: number;
  readonly oldestAt: Date;
  readonly newestAt: Date;
};

/** Deliveries that wait for one reason and one agent, as the contract describes them. */
export function groupView(group: Group) {
  return {
    account_id: group.accountId,
    provider: group.provider,
    reason: reasonOf(group.reason),
    provider_agent_id: group.providerAgentId,
    our_number: group.ourNumber,
    deliveries: group.deliveries,
    oldest_at: group.oldestAt.toISOString(),
    newest_at: group.newestAt.toISOString(),
  };
}

/** A reason as this release knows it. A newer schema may have other reasons; they are shown as `refused`. */
export function reasonOf(reason: string): QuarantinedDelivery["reason"] {
  return QUARANTINE_REASONS.find((known) => known === reason) ?? "refused";
}

/** Returns the selection of a filter, without its reasons. */
export function selectionOf(filter: {
  readonly account?: string | undefined;
  readonly account_id?: string | undefined;
  readonly provider_agent_id?: string | undefined;
  readonly our_number?: string | undefined;
  readonly event?: string | undefined;
}): Omit<WaitingSelection, "reasons"> {
  return {
    accountId: filter.account ?? filter.account_id,
    providerAgentId: filter.provider_agent_id,
    ourNumber: filter.our_number,
    eventId: filter.event,
  };
}
