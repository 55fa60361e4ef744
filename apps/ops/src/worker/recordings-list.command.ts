import type { RecordingJob } from "@call-ledger/db-operator/admin";
import { listRecordings, RECORDING_STATUSES, withOwner } from "@call-ledger/db-operator/admin";
import { command } from "../cli/command.ts";
import { table } from "../cli/table.ts";
import { wholeNumber } from "../cli/values.ts";
import { ownerUrl } from "../database/owner-url.ts";

const MAX_LIMIT = 100_000;
const PRESET = 100;

export const recordingsListCommand = command({
  about:
    "Shows the recordings of all organizations, the newest first: pending (waits for its next attempt), fetching, stored, " +
    "failed (given up, with the reason) and expired (the provider's copy is gone). The deadline is when that copy goes, " +
    "known from the first attempt on.",
  options: {
    status: { value: "WORD", about: `only ${RECORDING_STATUSES.join(", ")}`, words: RECORDING_STATUSES },
    limit: {
      value: "N",
      about: `at most so many, 1 to ${MAX_LIMIT}; default ${PRESET}`,
      parse: wholeNumber(1, MAX_LIMIT),
    },
  },
  examples: ["recordings list", "recordings list --status failed --json"],

  async run({ status, limit = PRESET }, { env }) {
    const found = await withOwner(ownerUrl(env), (owner) => listRecordings(owner, { status, limit }));
    const documents = found.map(documentOf);
    const rows = documents.map((one) => [
      one.id,
      one.channel,
      one.status,
      String(one.attempts),
      one.deadline,
      one.reason,
    ]);
    return {
      document: documents,
      text: [
        ...(rows.length === 0
          ? ["There are no recordings."]
          : table(["ID", "CHANNEL", "STATUS", "ATTEMPTS", "DEADLINE", "REASON"], rows)),
        ...(rows.length === limit ? [`There may be more: --limit ${limit * 2}`] : []),
      ],
    };
  },
});

function documentOf(job: RecordingJob) {
  return {
    id: job.id,
    org_id: job.orgId,
    call_id: job.callId,
    channel: job.channel,
    status: job.status,
    attempts: job.attempts,
    reason: job.reason,
    next_attempt_at: job.nextAttemptAt?.toISOString() ?? null,
    deadline: job.deadline?.toISOString() ?? null,
    storage_path: job.storagePath,
  };
}
