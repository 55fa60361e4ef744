import { listAttention, withOwner } from "@call-ledger/db-operator/admin";
import { ATTENTION_MARKS } from "@call-ledger/domain";
import { command } from "../cli/command.ts";
import { DEFAULT_LIMIT, LIMIT_OPTION, listResult } from "../cli/list-result.ts";
import { ownerUrl } from "../database/owner-url.ts";

export const callsAttentionCommand = command({
  about:
    "Shows the calls that a person should look at, newest first, with the reason: stuck (not ended, and no event for too " +
    "long), missing_report (ended, and its report is overdue), no_caller_speech (answered, and the caller said nothing). " +
    "A late delivery removes stuck and missing_report.",
  options: {
    mark: { value: "WORD", about: `only ${ATTENTION_MARKS.join(", ")}`, words: ATTENTION_MARKS },
    limit: LIMIT_OPTION,
  },
  examples: ["calls attention", "calls attention --mark missing_report --json"],

  async run({ mark, limit = DEFAULT_LIMIT }, { env }) {
    return listResult(await withOwner(ownerUrl(env), (owner) => listAttention(owner, { mark, limit })), {
      columns: {
        ID: ({ id }) => id,
        ORGANIZATION: ({ orgId }) => orgId,
        CALL: ({ providerCallId }) => providerCallId,
        ATTENTION: ({ attention }) => attention.join(","),
        PHASE: ({ phase }) => phase,
        STARTED: ({ startedAt }) => startedAt,
      },
      none: "No call needs attention.",
      limit,
    });
  },
});
