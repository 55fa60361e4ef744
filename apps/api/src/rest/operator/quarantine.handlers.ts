import type { Agent } from "@call-ledger/contract/people";
import type { QuarantinedDelivery } from "@call-ledger/contract/quarantine";
import type { Actor, Administration, Change, WaitingDelivery } from "@call-ledger/db/access";
import {
  addAgent,
  countWaiting,
  dropWaiting,
  findWaiting,
  groupWaiting,
  listAgents,
  listWaiting,
  noteChange,
  oldestWaiting,
} from "@call-ledger/db/access";
import { DbError } from "@call-ledger/db/errors";
import { isTelephoneNumber, REPLAYED_BY_DEFAULT } from "@call-ledger/domain";
import type { Rebooking } from "@call-ledger/ingest";
import { isBooked, replayQuarantined } from "@call-ledger/ingest";
import { reading } from "../ledger-reading.ts";
import { ApiProblem } from "../mount/api-problem.ts";
import type { Handlers } from "../mount/handler.ts";
import { withDocument } from "../mount/json-text.ts";
import { agentView } from "../organization/agent.handlers.ts";
import { queryForRequest } from "../query-for-request.ts";
import { groupView, reasonOf, selectionOf } from "./quarantine-groups.ts";

export type QuarantinePorts = {
  readonly administration: Administration;
  readonly rebooking: Rebooking;
};

type QuarantineHandlers = Pick<
  Handlers,
  | "listQuarantine"
  | "groupQuarantine"
  | "getQuarantined"
  | "registerQuarantinedAgent"
  | "replayQuarantine"
  | "dropQuarantined"
>;

type Reason = QuarantinedDelivery["reason"];

/** Why a delivery waits in quarantine, and what to do. */
const REASONS: Readonly<Record<Reason, string>> = {
  unknown_agent:
    "No organization has this agent or number. Register it; its deliveries are then booked within seconds.",
  organization_conflict:
    "It points to another organization than its call is booked for, or came before its agent was registered. Inspect it, then book it by hand or drop it.",
  unparseable:
    "Its body could not be read. A newer release may be able to read it; replay it after an update.",
  too_complex: "Its body is nested more than 64 deep, or has more than 300,000 parts.",
  no_call: "It names no call.",
  call_id_too_long: "The id of its call is longer than 200 characters.",
  refused: "The database refused it. The detail says why. Replay it after an update.",
};

const UNIQUE_VIOLATION = "23505";
const FOREIGN_KEY_VIOLATION = "23503";

/** Handlers that show the quarantine, and that book or drop its deliveries. */
export function quarantineHandlers(ports: QuarantinePorts): QuarantineHandlers {
  const asOperator: AsOperator = (work) => reading(() => ports.administration.asOperator(work));
  return { ...readHandlers(asOperator), ...changeHandlers(asOperator, ports.rebooking) };
}

type AsOperator = Administration["asOperator"];

function readHandlers(
  asOperator: AsOperator,
): Pick<QuarantineHandlers, "listQuarantine" | "groupQuarantine" | "getQuarantined"> {
  return {
    async listQuarantine({ query: { limit, cursor, ...filter } }) {
      const selection = { reasons: filter.reason, ...selectionOf(filter) };
      const { rows, nextCursor } = await queryForRequest(() =>
        asOperator((db) => listWaiting(db, selection, { limit, cursor })),
      );
      return { data: rows.map(documentOf), next_cursor: nextCursor };
    },
    async groupQuarantine() {
      const groups = await asOperator(groupWaiting);
      return {
        data: groups.map(groupView),
      };
    },
    async getQuarantined({ params }) {
      const id = params.delivery;
      const found = await asOperator((db) => findWaiting(db, id));
      if (found === null) throw new ApiProblem("not_found");
      const shown = documentOf(found.delivery);
      const { payload } = found.payload;
      // The payload was deleted because it is too old.
      if (payload === null) return { ...shown, payload };
      return withDocument(shown, "payload", payloadText(payload, shown.reason));
    },
  };
}

function changeHandlers(
  asOperator: AsOperator,
  rebooking: Rebooking,
): Pick<QuarantineHandlers, "registerQuarantinedAgent" | "replayQuarantine" | "dropQuarantined"> {
  return {
    async registerQuarantinedAgent({ params, body, caller: { actor } }) {
      try {
        const agent = await asOperator((db) => registered(db, params.delivery, body, actor));
        if (agent === "not_found") throw new ApiProblem("not_found");
        if (agent !== "no_agent") return agent;
      } catch (error) {
        throw registrationProblem(error);
      }
      const detail =
        "The delivery names no agent, only a number. Add the agent with its number under /agents.";
      throw new ApiProblem("conflict", { detail });
    },
    async replayQuarantine({ body, caller: { actor } }) {
      const { ids, limit, reason, ...filter } = body;
      const selection = {
        reasons: reason === undefined ? REPLAYED_BY_DEFAULT : [reason],
        ...selectionOf(filter),
      };
      const wanted = ids ?? (await asOperator((db) => oldestWaiting(db, selection, limit)));
      let booked = 0;
      for (const id of wanted) {
        if (isBooked(await replayQuarantined({ ...rebooking, asOperator }, id))) booked += 1;
      }
      const left = await asOperator(async (db) => {
        const after = { reason: reason ?? null, tried: wanted.length, booked };
        await noteChange(db, { orgId: null, actor }, "quarantine.replay", ["quarantine", null], { after });
        return countWaiting(db, selection);
      });
      return { booked, waiting: wanted.length - booked, left };
    },
    async dropQuarantined({ params, caller: { actor } }) {
      const isDropped = await asOperator((db) => dropWaiting(db, params.delivery, actor));
      if (!isDropped) throw new ApiProblem("not_found");
      return null;
    },
  };
}

async function registered(
  db: Change,
  deliveryId: string,
  { organization_id: orgId, name }: { readonly organization_id: string; readonly name: string | null },
  author: Actor,
): Promise<Agent | "not_found" | "no_agent"> {
  const delivery = (await findWaiting(db, deliveryId))?.delivery;
  if (delivery === undefined) return "not_found";
  const { providerAgentId } = delivery;
  if (providerAgentId === null) return "no_agent";
  const { ourNumber } = delivery;
  const agent = {
    accountId: delivery.providerAccountId,
    providerAgentId,
    providerPhoneNumberId: delivery.providerPhoneNumberId,
    phoneNumber: ourNumber !== null && isTelephoneNumber(ourNumber) ? ourNumber : null,
    name,
  };
  const id = await addAgent(db, { orgId, actor: author }, agent);
  const [added] = await listAgents(db, orgId, id);
  return added === undefined ? "not_found" : agentView(added, new Map());
}

function documentOf(delivery: WaitingDelivery): QuarantinedDelivery {
  const reason = reasonOf(delivery.reason);
  return {
    id: delivery.id,
    provider: delivery.provider,
    account_id: delivery.providerAccountId,
    reason,
    reason_text: delivery.detail === null ? REASONS[reason] : `${REASONS[reason]} (${delivery.detail})`,
    event_type: delivery.eventType,
    provider_call_id: delivery.providerCallId,
    provider_agent_id: delivery.providerAgentId,
    provider_phone_number_id: delivery.providerPhoneNumberId,
    our_number: delivery.ourNumber,
    received_at: delivery.receivedAt.toISOString(),
    booked_at: delivery.replayedAt?.toISOString() ?? null,
  };
}

/** Parsing so many characters takes 16 ms at most. */
const SMALL_PAYLOAD = 65_536;

/** The reasons of deliveries whose payloads may be no JSON, or more JSON than the memory has room for. */
const UNREAD: ReadonlySet<Reason> = new Set(["unparseable", "too_complex"]);

/** A payload as JSON text: as it is, or as a text of JSON if it is large and was not read, or is no JSON. */
function payloadText(text: string, reason: Reason): string {
  if (text.length < SMALL_PAYLOAD) return isJson(text) ? text : JSON.stringify(text);
  return UNREAD.has(reason) ? JSON.stringify(text) : text;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function registrationProblem(error: unknown): unknown {
  if (!(error instanceof DbError)) return error;
  if (error.code === UNIQUE_VIOLATION) {
    return new ApiProblem("conflict", { detail: "Another agent has this id or number already." });
  }
  if (error.code === FOREIGN_KEY_VIOLATION) {
    return new ApiProblem("bad_request", {
      errors: [{ field: "body.organization_id", detail: "There is no such organization." }],
    });
  }
  return error;
}
