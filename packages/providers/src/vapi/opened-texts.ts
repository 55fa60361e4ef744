import type { Json } from "@call-ledger/domain";
import { isList, mapFields } from "@call-ledger/domain";
import type { ParsedBody, Unread } from "../common/json-body.ts";
import { isObject, parseBody, parseJson } from "../common/json-body.ts";
import { ENVELOPES } from "./dialect.ts";

/** Objects in which relays pack the rest of a message. One in a list of its own is the object. */
const CONTAINERS: ReadonlySet<string> = new Set([...ENVELOPES, "call", "artifact"]);
/** Objects and lists of a message, its call and its artifact. */
const PARTS: ReadonlySet<string> = new Set([
  "analysis",
  "assistant",
  "assistantOverrides",
  "costBreakdown",
  "costs",
  "customer",
  "destination",
  "functionCall",
  "messages",
  "messagesOpenAIFormatted",
  "metadata",
  "phoneNumber",
  "recording",
  "scorecards",
  "squad",
  "structuredOutputs",
  "toolCallList",
  "toolCalls",
  "toolWithToolCallList",
  "transfers",
  "transport",
  "variableValues",
  "variables",
]);

/** The base64 of an object: `{"`, or `{` with white space after it. */
const BASE64_OF_OBJECT = /^(?:eyJ|ew[o0k]|eyAi)[\w+/-]+={0,2}$/;

/**
 * Returns a body in which the parts of the message that came as JSON in a text, or alone in a list, are the objects
 * themselves; the same body if there is none. The result is stored and read, so that both forms are one event. A list
 * of several messages stays a list.
 */
export function withOpenedTexts(body: ParsedBody): ParsedBody | Unread {
  const opened = container(body);
  if (opened === body) return body;
  // The limits of a body hold for the whole.
  return parseBody(Buffer.from(JSON.stringify(opened)));
}

function container(value: Json): Json {
  if (typeof value === "string") {
    const text = BASE64_OF_OBJECT.test(value) ? Buffer.from(value, "base64").toString() : value;
    const parsed = parseJson(text);
    return parsed === null ? value : container(parsed);
  }
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) {
    const [first = null, ...others] = value;
    const only = others.length === 0 ? container(first) : null;
    return isObject(only) ? only : value;
  }
  return mapFields(value, (field, name) => {
    if (CONTAINERS.has(name)) return container(field);
    return PARTS.has(name) && typeof field === "string" ? (parseJson(field) ?? field) : field;
  });
}
