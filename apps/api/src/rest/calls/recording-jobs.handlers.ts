import type { Administration } from "@call-ledger/db/access";
import { noteChange } from "@call-ledger/db/access";
import type { Pool } from "@call-ledger/db/client";
import type { Reader } from "@call-ledger/db/read";
import { listRecordings, readRecording } from "@call-ledger/db/read";
import { retryRecording } from "@call-ledger/db/write";
import { ApiProblem } from "../mount/api-problem.ts";
import type { Handlers } from "../mount/handler.ts";
import { queryForRequest } from "../query-for-request.ts";
import { recordingView } from "./call-view.ts";

export type RecordingJobPorts = {
  readonly reader: Reader;
  readonly administration: Administration;
  readonly reads: Pool;
  /** Called when recordings may have become due. */
  queued(): void;
};

const RETRY_MS = 3_000;

/** Handlers for the states of recordings, and for one more try of a recording that was given up. */
export function recordingJobHandlers({
  reader,
  administration,
  reads,
  queued,
}: RecordingJobPorts): Pick<Handlers, "listRecordings" | "retryRecording"> {
  return {
    async listRecordings({ caller: { orgId }, query }) {
      const { limit, cursor, state, channel, deadline_within_hours: deadlineWithinHours } = query;
      const { rows, nextCursor } = await queryForRequest(() =>
        reader.as(orgId, (db) =>
          listRecordings(db, orgId, { selection: { state, channel, deadlineWithinHours }, limit, cursor }),
        ),
      );
      return {
        data: rows.map(({ callId, providerCallId, ...row }) => ({
          ...recordingView(row),
          call_id: callId,
          provider_call_id: providerCallId,
        })),
        next_cursor: nextCursor,
      };
    },

    async retryRecording({ caller, params: { recording: id } }) {
      const { orgId } = caller;
      const read = () => queryForRequest(() => reader.as(orgId, (db) => readRecording(db, orgId, id)));
      const before = await read();
      if (before === null) throw new ApiProblem("not_found", { detail: "There is no such recording." });
      const isDue = await queryForRequest(() => retryRecording(reads, { orgId, id }, RETRY_MS));
      if (!isDue) {
        throw new ApiProblem("conflict", {
          detail: `Only a recording that was given up or waits for a host can be retried; this one is ${before.state}.`,
        });
      }
      queued();
      await queryForRequest(() =>
        administration.as(orgId, (db) =>
          noteChange(db, caller, "recording.retried", ["recording", id], { before: { state: before.state } }),
        ),
      );
      return recordingView((await read()) ?? before);
    },
  };
}
