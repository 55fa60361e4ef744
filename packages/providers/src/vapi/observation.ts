import type { CallEvent, Json } from "@call-ledger/domain";
import { canonicalJson, isList, mapElements, mapFields } from "@call-ledger/domain";
import { sha256 } from "../common/digest.ts";
import type { JsonObject } from "../common/json-body.ts";
import { isObject } from "../common/json-body.ts";
import { eventDetails } from "./details.ts";
import type { Spoken } from "./dialect.ts";
import { toolCallsOf } from "./question.ts";
import { turnIn } from "./wire.fields.ts";

/** Parts that every message may have. They describe the call, not the event of this message. */
const SURROUNDINGS = new Set(["timestamp", "call", "assistant", "phoneNumber", "customer", "artifact"]);

/**
 * Returns an observation. It is distinguished by its content, and by its own id or, without one, by its time, because
 * several messages of one type can come in one millisecond.
 */
export function observed(spoken: Spoken): CallEvent {
  const discriminator = sha256(canonicalJson([ownIdOf(spoken) ?? spoken.occurredAt, contentOf(spoken)]));
  return {
    type: spoken.type,
    occurredAt: spoken.occurredAt,
    kind: "call.observed",
    discriminator,
    details: eventDetails(spoken.fields),
  };
}

/**
 * Ids of tool calls may start anew with each turn, so the number of messages before them is a part of their id. Without
 * that number, ids that look counted (`call_1`) identify nothing. Those of turns may start anew with each assistant.
 */
function ownIdOf(spoken: Spoken): Json | null {
  if (spoken.type === "user-interrupted") {
    const { turnId } = turnIn(spoken.fields);
    return turnId === null || COUNTED.test(turnId) ? null : turnId;
  }
  if (spoken.type !== "tool-calls") return null;
  const ids = toolCallsOf(spoken).map(({ id }) => id);
  const { artifact } = spoken.fields;
  const lists = isObject(artifact) ? [artifact.messages, artifact.messagesOpenAIFormatted] : [];
  const messages = lists.find(Array.isArray)?.length ?? null;
  const identify = messages !== null || ids.some((id) => !COUNTED.test(id));
  return ids.length > 0 && identify ? [...ids, messages] : null;
}

const COUNTED = /^[^0-9]*[0-9]{1,4}$/;

/**
 * Returns the content without the queries of URLs, because a query may be a signature, which a redelivery makes anew.
 */
function contentOf({ fields, type }: Spoken): JsonObject {
  const own = Object.entries(fields).filter(([name]) => !SURROUNDINGS.has(name));
  const spelled = own.map(([name, field]): [string, Json] => [name, name === "type" ? type : field]);
  return mapFields(Object.fromEntries(spelled), withoutQueries);
}

function withoutQueries(value: Json): Json {
  if (typeof value === "string") return /^https?:/.test(value) ? value.replace(/[?#].*$/s, "") : value;
  if (value === null || typeof value !== "object") return value;
  return isList(value) ? mapElements(value, withoutQueries) : mapFields(value, withoutQueries);
}
