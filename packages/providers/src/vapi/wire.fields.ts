import type { Json } from "@call-ledger/domain";
import {
  boundedIdentifier,
  boundedJson,
  boundedText,
  isPlaceholder,
  isUuid,
  MAX_IDENTIFIER_LENGTH,
} from "@call-ledger/domain";
import type { JsonObject } from "../common/json-body.ts";
import { isObject, parseObject } from "../common/json-body.ts";
import { instantOf } from "../common/timestamp.ts";

/*
 * The received messages differ from the published types in many ways, so reading them cannot fail. A field of the wrong
 * type counts as missing (`null`, or a part whose fields are all missing), and unknown fields are ignored. Plain
 * functions, because nothing is validated: schemas of zod allocated a quarter of the memory that a delivery took.
 */

type Reading<T> = (value: unknown) => T;
type Shape = Readonly<Record<string, Reading<unknown>>>;
type Part<S extends Shape> = { readonly [Name in keyof S]: ReturnType<S[Name]> };

/** Reads the fields of an object. Missing parts, which are most, share one value. */
export const part = <S extends Shape>(shape: S): Reading<Part<S>> => {
  const names = Object.keys(shape);
  const read = (object: JsonObject) => {
    const fields: Record<string, unknown> = {};
    for (const name of names) fields[name] = shape[name]?.(object[name]);
    return fields as Part<S>;
  };
  const missing = read({});
  return (value) => (isObject(value) ? read(value) : missing);
};
/** The max number of elements of a list that is read element by element. The others are in the stored payload. */
const MAX_ELEMENTS = 100;
/** A list, or its only element alone. */
const listOf =
  <T>(read: Reading<T>): Reading<readonly T[]> =>
  (value) => {
    const list = Array.isArray(value) ? value : isObject(value) ? [value] : [];
    return list.slice(0, MAX_ELEMENTS).map((inner) => read(inner));
  };
/** An object, alone or in a list of its own, or one field of it alone. */
const partOr = <S extends Shape>(field: string, shape: S): Reading<Part<S>> => {
  const read = part(shape);
  return (value) => {
    const only = onlyIn(value);
    return read(isObject(only) || only === undefined || only === null ? only : { [field]: only });
  };
};

/** A value that is read elsewhere. */
const anything = (value: unknown) => value;
/** JSON that is kept unchanged. An empty list or object counts as missing. */
const list = (value: unknown) => (Array.isArray(value) && value.length > 0 ? boundedJson(value) : null);
const object = (value: unknown) => objectOf(onlyIn(value));
/** Parts of the analysis beside it. */
const analysisParts = {
  structuredData: anything,
  structuredDataMulti: anything,
  successEvaluation: anything,
};
const costBreakdown = (value: unknown) =>
  Array.isArray(value) && value.length > 0 ? boundedJson(value) : objectOf(value);
/**
 * Outputs by id. In a list, an output without an id gets its name as the id, or its place if it has none of its own.
 */
const outputs = (value: unknown) => objectOf(Array.isArray(value) ? byId(value) : value);

const party = partOr("number", {
  id: idOf,
  name: nameOf,
  number: knownOf,
  twilioPhoneNumber: knownOf,
  sipUri: knownOf,
  assistantId: idOf,
  squadId: idOf,
  workflowId: idOf,
});
const assistant = partOr("id", { id: idOf });
const assistantActivations = listOf(part({ assistantId: idOf }));
const squad = partOr("id", {
  id: idOf,
  members: listOf(part({ assistantId: idOf, assistant })),
});
const workflow = partOr("id", { id: idOf });
/** The carriers' names for their own ids of a call: Twilio and SIP, Telnyx, Vonage. */
const carrier = part({
  callSid: knownOf,
  sbcCallSid: knownOf,
  sbcCallId: knownOf,
  callControlId: knownOf,
  callSessionId: knownOf,
  callLegId: knownOf,
  callUUID: knownOf,
  conversationUUID: knownOf,
});
/**
 * The destination of a transfer: an object, in older deliveries a text. An assistant is not a destination, because the
 * call stays with us.
 */
const destination = partOr("number", {
  number: knownOf,
  phoneNumber: knownOf,
  sipUri: knownOf,
  assistantId: idOf,
});
const transfers = listOf(part({ destination, status: labelOf }));

/** An object, or the call's id alone. */
const call = partOr("id", {
  id: idOf,
  callId: idOf,
  type: labelOf,
  direction: labelOf,
  assistantId: idOf,
  assistant_id: idOf,
  assistant,
  phoneNumberId: idOf,
  phoneNumber: party,
  customer: party,
  destination,
  forwardedPhoneNumber: knownOf,
  phoneCallProviderId: knownOf,
  phoneCallProviderDetails: carrier,
  transport: carrier,
  squadId: idOf,
  squad,
  workflowId: idOf,
  workflow,
  artifact: part({ assistantActivations }),
});

/**
 * Fields that every message may have. `call` is a snapshot from the call's creation: its ids are valid, its state is
 * not.
 */
export const messageIn = part({
  timestamp: instantOf,
  callId: idOf,
  call_id: idOf,
  call,
  assistantId: idOf,
  assistant_id: idOf,
  squadId: idOf,
  squad,
  workflowId: idOf,
  workflow,
  artifact: part({ assistantActivations, transfers }),
  transfers,
  destination,
  forwardedPhoneNumber: knownOf,
  phoneCallProviderId: knownOf,
  transport: carrier,
  phoneNumberId: idOf,
  assistant,
  newAssistant: assistant,
  fromAssistant: assistant,
  toAssistant: assistant,
  phoneNumber: party,
  customer: party,
});
export type Message = ReturnType<typeof messageIn>;

export const statusUpdateIn = part({
  status: labelOf,
  endedReason: labelOf,
  artifact: part({ endedReason: labelOf }),
  call: part({ endedReason: labelOf }),
});

/** The state of a call of the API. */
export const fetchedCallIn = part({
  createdAt: instantOf,
  updatedAt: instantOf,
  endedAt: instantOf,
  status: labelOf,
});

/** Deliveries with the older event names have their state in `call`. */
export const believedCallIn = part({
  endedReason: labelOf,
  call: part({ status: labelOf, endedReason: labelOf, duration: numberOf, cost: numberOf }),
});

export const transcriptIn = part({
  transcriptType: labelOf,
  role: labelOf,
  timestamp: instantOf,
  message: part({ role: labelOf, timestamp: instantOf, time: instantOf }),
});

const toolCall = { id: identifierOf, name: labelOf, function: part({ name: labelOf }) };

/** The list has had three names. The second and third are older. */
export const toolCallsIn = part({
  toolCallList: listOf(part(toolCall)),
  toolCalls: listOf(part(toolCall)),
  toolWithToolCallList: listOf(part({ toolCall: part(toolCall) })),
});

export const turnIn = part({ turnId: identifierOf });

const structuredOutputs = { structuredOutputs: outputs, structuredOutputsLastUpdatedAt: instantOf };

/** The content is in `artifact`. The same fields at the top level are their older place. */
export const reportIn = part({
  endedReason: labelOf,
  startedAt: instantOf,
  endedAt: instantOf,
  cost: (value: unknown) => numberOf(isObject(value) ? value.total : value),
  costBreakdown,
  costs: list,
  duration: numberOf,
  durationSeconds: numberOf,
  durationMs: numberOf,
  durationMinutes: numberOf,
  analysis: object,
  ...analysisParts,
  summary: boundedText,
  transcript: anything,
  messages: list,
  messagesOpenAIFormatted: list,
  destination,
  forwardedPhoneNumber: knownOf,
  transfers,
  ...structuredOutputs,
  artifact: part({
    transcript: anything,
    messages: list,
    messagesOpenAIFormatted: list,
    transfers,
    ...structuredOutputs,
  }),
});
export type WireReport = ReturnType<typeof reportIn>;

/** Returns an identifier of 1 to 200 characters. Some senders write ids and telephone numbers as numbers. */
export function identifierOf(value: unknown): string | null {
  return boundedIdentifier(Number.isSafeInteger(value) ? String(value) : value);
}

/** Returns an identifier that is not a placeholder. */
function knownOf(value: unknown): string | null {
  return withoutPlaceholder(identifierOf(value));
}

/** Returns Vapi's id of a thing. Those in the form of a UUID are the same in upper and in lower case. */
function idOf(value: unknown): string | null {
  const id = knownOf(value);
  return id !== null && isUuid(id) ? id.toLowerCase() : id;
}

/** Returns a name that is not a placeholder, cut to 200 characters. */
function nameOf(value: unknown): string | null {
  return withoutPlaceholder(labelOf(value));
}

/** Returns `null` for a word instead of a value, such as `N/A`. */
export function withoutPlaceholder(text: string | null): string | null {
  return text === null || isPlaceholder(text) ? null : text;
}

/** Returns a word of the provider, cut to 200 characters, so that a reason that is too long is not lost. */
export function labelOf(value: unknown): string | null {
  return typeof value === "string" ? boundedIdentifier(value.trim().slice(0, MAX_IDENTIFIER_LENGTH)) : null;
}

/** Returns the element of a list of one, else the value itself. */
export function onlyIn(value: unknown): unknown {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}

/** A number, or a text that is one. */
export function numberOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  return typeof value === "string" && NUMBER.test(value) ? Number(value) : null;
}

const NUMBER = /^\s*[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:e[+-]?\d{1,3})?\s*$/i;

function byId(list: readonly unknown[]): { readonly [id: string]: unknown } {
  const outputs = new Map<string, unknown>();
  for (const [place, one] of list.entries()) {
    const { id = null, name = null } = isObject(one) ? one : {};
    const named = identifierOf(id) ?? identifierOf(name);
    outputs.set(named === null || outputs.has(named) ? String(place) : named, one);
  }
  return Object.fromEntries(outputs);
}

/** An object, or the JSON of one. */
function objectOf(value: unknown): { readonly [key: string]: Json } | null {
  const parsed = typeof value === "string" && value.startsWith("{") ? parseObject(value) : value;
  if (!isObject(parsed) || Object.keys(parsed).length === 0) return null;
  const bounded = boundedJson(parsed);
  return isObject(bounded) ? bounded : null;
}
