import type { CallFilters } from "@call-ledger/contract/calls";
import type { Reader } from "@call-ledger/db/read";
import { listCalls, readCall, readTimeline } from "@call-ledger/db/read";
import { missingScope } from "../mount/authorize.ts";
import type { OrganizationCaller } from "../mount/caller.ts";
import type { Handlers } from "../mount/handler.ts";
import { queryForRequest } from "../query-for-request.ts";
import type { CallAnswers } from "./call-answers.ts";
import { partsFor, summaryView } from "./call-view.ts";
import { writeCalls } from "./calls.csv.ts";
import { queryCall } from "./query-call.ts";
import { timelineView } from "./timeline-view.ts";

type Reading = "listCalls" | "exportCalls" | "getCall" | "getTimeline";

/** Handlers for lists of calls, a single call and its timeline. */
export function callHandlers(reader: Reader, answers: CallAnswers): Pick<Handlers, Reading> {
  return {
    async listCalls({ caller, query }) {
      const { sort, order, limit, cursor, ...selection } = query;
      refuseHidden(caller, selection);
      if (sort === "cost" && !caller.scopes.has("costs:read")) throw missingScope("costs:read", caller);
      const { orgId, scopes } = caller;
      const { rows, nextCursor } = await queryForRequest(() =>
        reader.as(orgId, (db) => listCalls(db, orgId, { selection, order: { sort, order }, limit, cursor })),
      );
      return { data: rows.map((row) => summaryView(row, scopes)), next_cursor: nextCursor };
    },

    async exportCalls({ caller, query }, res) {
      refuseHidden(caller, query);
      await writeCalls(res, reader, caller, query);
    },

    async getCall({ caller: { orgId, scopes }, params }) {
      const call = await queryCall(reader, orgId, params.call, (db, id) =>
        readCall(db, orgId, id, partsFor(scopes)),
      );
      return answers({ row: call, scopes, link: null });
    },

    async getTimeline({ caller: { orgId }, params }) {
      const events = await queryCall(reader, orgId, params.call, (db, id) => readTimeline(db, orgId, id));
      return { data: events.map(timelineView) };
    },
  };
}

/** Refuses a filter by a field that the caller may not see, because the answer would reveal the field's content. */
function refuseHidden(caller: OrganizationCaller, { q }: CallFilters): void {
  if (q !== undefined && !caller.scopes.has("calls:details")) throw missingScope("calls:details", caller);
}
