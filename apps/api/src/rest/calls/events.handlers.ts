import type { Administration } from "@call-ledger/db/access";
import { noteChange } from "@call-ledger/db/access";
import type { Reader } from "@call-ledger/db/read";
import { nextStoredEvents, readPromptsOf, readStoredEvent } from "@call-ledger/db/read";
import type { AuditAction } from "@call-ledger/domain";
import { withPrompts } from "@call-ledger/domain";
import type { Rebooking } from "@call-ledger/ingest";
import { replayEvent } from "@call-ledger/ingest";
import { ApiProblem } from "../mount/api-problem.ts";
import type { OrganizationCaller } from "../mount/caller.ts";
import type { Handlers } from "../mount/handler.ts";
import { withDocument } from "../mount/json-text.ts";
import { queryForRequest } from "../query-for-request.ts";

export type EventPorts = {
  readonly reader: Reader;
  readonly administration: Administration;
  readonly rebooking: Rebooking;
};

/** The deadline of a query that reads the payloads of many deliveries. */
const READING_MS = 8_000;

/** Handlers that show stored deliveries and read them again. */
export function eventHandlers({
  reader,
  administration,
  rebooking,
}: EventPorts): Pick<Handlers, "getPayload" | "replayEvent" | "replayEvents"> {
  const noted = (caller: OrganizationCaller, action: AuditAction, id: string | null, after: object) =>
    queryForRequest(() =>
      administration.as(caller.orgId, (db) => noteChange(db, caller, action, ["event", id], { after })),
    );
  return {
    async getPayload({ caller: { orgId, scopes }, params }) {
      const event = await storedEvent(reader, {
        orgId,
        id: params.event,
        showsPrompts: scopes.has("prompts:read"),
      });
      const shown = { event_id: event.id, received_at: event.receivedAt };
      return withDocument(shown, "payload", withPrompts(event.payload, event.prompts));
    },

    async replayEvent({ caller, params }) {
      const { orgId } = caller;
      const event = await storedEvent(reader, { orgId, id: params.event, showsPrompts: false });
      const { outcome, reason } = await replayEvent(event, rebooking);
      if (outcome === null || outcome === "unreadable") {
        throw new ApiProblem("conflict", { detail: `Today's adapter cannot read the delivery: ${reason}.` });
      }
      await noted(caller, "event.replayed", event.id, { outcome });
      return { event_id: event.id, outcome, reason };
    },

    async replayEvents({ caller, body }) {
      const { orgId } = caller;
      const { from, to, provider, agent_id: agentId, limit, cursor } = body;
      const { events, nextCursor } = await queryForRequest(() =>
        reader.as(
          orgId,
          (db) => nextStoredEvents(db, orgId, { from, to, provider, agentId }, { limit, cursor }),
          READING_MS,
        ),
      );
      const seen = {
        replayed: 0,
        applied: 0,
        observed: 0,
        duplicates: 0,
        quarantined: 0,
        unreadable: 0,
        without_payload: 0,
      };
      for (const event of events) {
        const { outcome } = await replayEvent(event, rebooking);
        if (outcome !== null) seen.replayed += 1;
        seen[outcome === null ? "without_payload" : outcome === "duplicate" ? "duplicates" : outcome] += 1;
      }
      await noted(caller, "events.replayed", null, { from, to, ...seen });
      return { ...seen, next_cursor: nextCursor };
    },
  };
}

type EventQuestion = { readonly orgId: string; readonly id: string; readonly showsPrompts: boolean };

/** Returns an event with its payload. Throws ApiProblem. */
async function storedEvent(reader: Reader, { orgId, id, showsPrompts }: EventQuestion) {
  const stored = await queryForRequest(() =>
    reader.as(orgId, async (db) => {
      const event = await readStoredEvent(db, orgId, id);
      if (event === null) return null;
      return { event, prompts: showsPrompts ? await readPromptsOf(db, orgId, event.callId) : [] };
    }),
  );
  if (stored === null) throw new ApiProblem("not_found", { detail: "There is no such event." });
  const { event, prompts } = stored;
  if (event.payload === null) {
    throw new ApiProblem("gone", {
      detail:
        "The event has no stored delivery. It is stored with another event of the same delivery, or was deleted after its retention time.",
    });
  }
  return { ...event, payload: event.payload, prompts };
}
