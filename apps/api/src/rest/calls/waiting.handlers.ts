import type { Reader } from "@call-ledger/db/read";
import { groupWaitingDeliveries, listWaitingDeliveries } from "@call-ledger/db/read";
import type { Handlers } from "../mount/handler.ts";
import { groupView, reasonOf, selectionOf } from "../operator/quarantine-groups.ts";
import { COUNTING_MS, queryForRequest } from "../query-for-request.ts";

/** Handlers that show an organization its deliveries in quarantine. */
export function waitingHandlers({
  reader,
}: {
  readonly reader: Reader;
}): Pick<Handlers, "listWaitingDeliveries" | "listWaitingOfOrganization"> {
  return {
    async listWaitingDeliveries({ caller: { orgId } }) {
      const groups = await queryForRequest(() =>
        reader.as(orgId, async (db) => groupWaitingDeliveries(db, orgId), COUNTING_MS),
      );
      return { data: groups.map(groupView) };
    },

    async listWaitingOfOrganization({ caller: { orgId }, query: { limit, cursor, ...filter } }) {
      const selection = { reasons: filter.reason, ...selectionOf(filter) };
      const { rows, nextCursor } = await queryForRequest(() =>
        reader.as(orgId, (db) => listWaitingDeliveries(db, orgId, selection, { limit, cursor }), COUNTING_MS),
      );
      return {
        data: rows.map((row) => ({
          id: row.id,
          reason: reasonOf(row.reason),
          event_type: row.eventType,
          provider_call_id: row.providerCallId,
          received_at: row.receivedAt.toISOString(),
        })),
        next_cursor: nextCursor,
      };
    },
  };
}
