import { listWaiting } from "@call-ledger/db/access";
import { command } from "../cli/command.ts";
import { DEFAULT_LIMIT, LIMIT_OPTION, listed } from "../cli/listed.ts";
import { withQuarantine } from "./open-quarantine.ts";

export const quarantineListCommand = command({
  about:
    "Shows deliveries that were verified and stored but could not be booked, the newest first, and why: unknown_agent " +
    "(no agent has this assistant or number: agent add), organization_conflict (it points to another organization than " +
    "the one its call is booked for, or may be a former owner's: look, then quarantine replay ID), unparseable, no_call and call_id_too_long (nothing in it that could be read, no call, or a call without a usable id), too_complex " +
    "(nested more than 64 deep, or more than 500,000 elements and keys), refused (the database would not take it).",
  options: {
    all: { about: "those that were replayed or are about no call, too" },
    limit: LIMIT_OPTION,
  },
  examples: ["quarantine list", "quarantine list --all --json"],

  async run({ all, limit = DEFAULT_LIMIT }, { env }) {
    const { rows } = await withQuarantine(env, (run) => run((db) => listWaiting(db, { all }, { limit })));
    return listed(rows, {
      columns: {
        ID: ({ id }) => id,
        REASON: ({ reason }) => reason,
        TYPE: ({ eventType }) => eventType,
        ASSISTANT: ({ providerAgentId }) => providerAgentId,
        RECEIVED: ({ receivedAt }) => receivedAt,
      },
      none: "Nothing is in quarantine.",
      limit,
    });
  },
});
