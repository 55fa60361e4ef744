import { callRecordingSchema } from "@call-ledger/contract/calls";
import type { Administration } from "@call-ledger/db/access";
import { listRecordingsOfAll } from "@call-ledger/db/access";
import type { Handlers } from "../mount/handler.ts";
import { queryForRequest } from "../query-for-request.ts";

const { channel } = callRecordingSchema.shape;

/** The handler for the recordings of the installation. */
export function installationRecordingsHandlers(
  administration: Administration,
): Pick<Handlers, "listInstallationRecordings"> {
  return {
    async listInstallationRecordings({ query: { state, limit, cursor } }) {
      const { rows, nextCursor } = await queryForRequest(() =>
        administration.asOperator((db) => listRecordingsOfAll(db, state, { limit, cursor })),
      );
      return {
        data: rows.map((row) => ({
          id: row.id,
          organization_id: row.orgId,
          call_id: row.callId,
          channel: channel.parse(row.channel),
          reason: row.waitsForHost ?? row.reason,
          deadline: row.deadline?.toISOString() ?? null,
        })),
        next_cursor: nextCursor,
      };
    },
  };
}
