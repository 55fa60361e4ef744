import { listRecordings, RECORDING_STATUSES, withOwner } from "@call-ledger/db-operator/admin";
import { command } from "../cli/command.ts";
import { DEFAULT_LIMIT, LIMIT_OPTION, listResult } from "../cli/list-result.ts";
import { ownerUrl } from "../database/owner-url.ts";

export const recordingsListCommand = command({
  about:
    "Shows the recordings of all organizations, newest first: pending (waits for its next attempt), waiting (its host is not " +
    "allowed yet; the reason has the command that allows it), fetching, stored, failed (given up, with the reason) and " +
    "expired (the provider's copy is deleted). The deadline is the time when the provider deletes its copy, known from the " +
    "first attempt on.",
  options: {
    status: { value: "WORD", about: `only ${RECORDING_STATUSES.join(", ")}`, words: RECORDING_STATUSES },
    limit: LIMIT_OPTION,
  },
  examples: ["recordings list", "recordings list --status failed --json"],

  async run({ status, limit = DEFAULT_LIMIT }, { env }) {
    return listResult(await withOwner(ownerUrl(env), (owner) => listRecordings(owner, { status, limit })), {
      columns: {
        ID: ({ id }) => id,
        CHANNEL: ({ channel }) => channel,
        STATUS: (recording) => recording.status,
        ATTEMPTS: ({ attempts }) => attempts,
        DEADLINE: ({ deadline }) => deadline,
        REASON: ({ reason }) => reason,
      },
      none: "There are no recordings.",
      limit,
    });
  },
});
