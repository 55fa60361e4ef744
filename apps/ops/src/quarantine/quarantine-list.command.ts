import { listWaiting } from "@call-ledger/db/access";
import { asOperator } from "@call-ledger/db-operator/admin";
import { command } from "../cli/command.ts";
import { DEFAULT_LIMIT, LIMIT_OPTION, listResult } from "../cli/list-result.ts";
import { ownerUrl } from "../database/owner-url.ts";

export const quarantineListCommand = command({
  about:
    "Shows deliveries that were verified and stored but could not be booked, newest first, with the reason: unknown_agent " +
    "(no agent has this assistant or number: agent add), organization_conflict (it belongs to another organization than its " +
    "call, or maybe to a former one: check it, then quarantine replay ID), unparseable (it cannot be read), no_call (it has " +
    "no call), call_id_too_long (the call's id is unusable), too_complex (nested more than 64 deep, or more than 300,000 " +
    "elements and keys), refused (by the database).",
  options: {
    all: { about: "also show deliveries that were replayed or are about no call" },
    limit: LIMIT_OPTION,
  },
  examples: ["quarantine list", "quarantine list --all --json"],

  async run({ all, limit = DEFAULT_LIMIT }, { env }) {
    const { rows } = await asOperator(ownerUrl(env), (db) => listWaiting(db, { all }, { limit }));
    return listResult(rows, {
      columns: {
        ID: ({ id }) => id,
        REASON: ({ reason }) => reason,
        TYPE: ({ eventType }) => eventType,
        ASSISTANT: ({ providerAgentId }) => providerAgentId,
        RECEIVED: ({ receivedAt }) => receivedAt,
      },
      none: "No delivery is in quarantine.",
      limit,
    });
  },
});
