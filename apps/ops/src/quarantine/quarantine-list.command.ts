import type { QuarantinedDelivery } from "@call-ledger/db-operator/admin";
import { listQuarantine, withOwner } from "@call-ledger/db-operator/admin";
import { command } from "../cli/command.ts";
import { table } from "../cli/table.ts";
import { wholeNumber } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";

const MAX_LIMIT = 100_000;
const PRESET = 100;

export const quarantineListCommand = command({
  about:
    "Shows deliveries that were verified and stored but could not be booked, the newest first, and why: unknown_agent " +
    "(no agent has this assistant or number: agent add), organization_conflict (it points to another organization than " +
    "the one its call is booked for), unparseable and no_call (nothing in it that could be read, or no call), refused " +
    "(the database would not take it).",
  options: {
    all: { about: "those that were replayed, too" },
    limit: {
      value: "N",
      about: `at most so many, 1 to ${MAX_LIMIT}; default ${PRESET}`,
      parse: wholeNumber(1, MAX_LIMIT),
    },
  },
  examples: ["quarantine list", "quarantine list --all --json"],

  async run({ all, limit = PRESET }, { env }) {
    const found = await withOwner(ownerUrl(env), (owner) => listQuarantine(owner, { all, limit }));
    const documents = found.map(documentOf);
    const rows = documents.map((one) => [
      one.id,
      one.reason,
      one.event_type,
      one.provider_agent_id,
      one.received_at,
    ]);
    return {
      document: documents,
      text: [
        ...(rows.length === 0
          ? ["Nothing is in quarantine."]
          : table(["ID", "REASON", "TYPE", "ASSISTANT", "RECEIVED"], rows)),
        ...(rows.length === limit ? [`There may be more: --limit ${limit * 2}`] : []),
      ],
    };
  },
});

function documentOf(delivery: QuarantinedDelivery) {
  return {
    id: delivery.id,
    provider: delivery.provider,
    reason: delivery.reason,
    detail: delivery.detail,
    event_type: delivery.eventType,
    provider_call_id: delivery.providerCallId,
    provider_agent_id: delivery.providerAgentId,
    received_at: delivery.receivedAt.toISOString(),
    replayed_at: delivery.replayedAt?.toISOString() ?? null,
  };
}
