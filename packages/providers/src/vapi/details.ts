import type { Json } from "@call-ledger/domain";
import { boundedJson, isList, joinedPart, says } from "@call-ledger/domain";
import type { JsonObject } from "../common/json-body.ts";
import { isObject, jsonLength } from "../common/json-body.ts";
import { REMOVED } from "../common/payload-secrets.ts";
import { inOtherForms, stepsIn } from "./other-forms.ts";

/** The max characters of JSON that are kept of a report, and of an observation, beside the columns. */
export const MAX_REPORT_DETAILS = 16_384;
export const MAX_EVENT_DETAILS = 4_096;

/** The part that names the parts dropped for their size. */
const DROPPED = "dropped";
const MAX_DROPPED_NAMES = 50;

/** Names that have a column, the envelope, and facts of the call that other messages have. */
const ELSEWHERE =
  /^(?:type|event|eventType|event_type|timestamp|id|callId|call_id|orgId|createdAt|updatedAt|status|call|artifact|phoneNumber|phoneNumberId|assistantId|phoneCallProviderId|endedReason|startedAt|endedAt|duration\w*|cost\w*|analysis|summary|transcript|messages|messagesOpenAIFormatted|structuredOutputs\w*)$/;

/** Links, which expire or have their own queue, live controls, and the transport's credentials. */
const LINKS = /(?:Urls?|UrlsExpiresAt|^recording|^monitor|^transport)$/;

/** The agent's configuration. It is long, equal in every call, and needs another scope than the call. */
const CONFIGURATION =
  /^(?:assistant|newAssistant|toAssistant|fromAssistant|toolWithToolCallList|assistantOverrides|squad|squadOverrides|workflow|workflowOverrides|nodes|server|credentials|model|voice|transcriber|toStepRecord|fromStepRecord)$/;

/** Vapi's own copies inside of the variables. */
const COPIES = new Set(["call", "customer", "phoneNumber", "transport", "assistant"]);

/**
 * Returns the facts of a report without a column, by part and in Vapi's words: transfers, consent to recording,
 * scorecards, variable values, metadata, ids of other systems. A part of the message wins over one of its artifact, and
 * that over one of the snapshot in `call`. `null`: there are none.
 */
export function reportDetails(fields: JsonObject): JsonObject | null {
  const { call, artifact } = fields;
  const places = [call, isObject(call) ? call.artifact : null, artifact, fields].filter(isObject);
  const parts = new Map<string, Json>();
  for (const [name, part] of places.flatMap((place) => [...inOtherForms(place), ...keptOf(place)])) {
    if (says(part)) parts.set(name, joinedPart(name, part, parts.get(name)));
  }
  parts.set("nodes", stepsIn(places));
  parts.set("customer", partyOf(places));
  parts.set("metadata", metadataOf(places));
  parts.set("variableValues", variablesOf(places));
  parts.set("transport", transportOf(places));
  parts.delete("variables");
  return bounded(parts, MAX_REPORT_DETAILS);
}

/** Returns the details of a message that only the timeline shows, with `others`. `null`: there are none. */
export function eventDetails(fields: JsonObject, others: JsonObject = {}): JsonObject | null {
  const { status, summary } = fields;
  const parts = new Map([...keptOf(fields), ...Object.entries(others)]);
  // A status that is not a phase is shown only in the timeline.
  parts.set("status", status ?? null);
  parts.set("summary", summary ?? null);
  parts.set("toolCallList", toolCallsIn(fields));
  for (const assistant of ASSISTANTS) parts.set(assistant, nameIn(fields[assistant]));
  return bounded(parts, MAX_EVENT_DETAILS);
}

/**
 * Returns the details of a status, without what every message has. A call may never have a report, so what the report
 * would say about the carrier is in each of them, and about the order of the call in the first and in the last.
 * Missing: there are none.
 */
export function statusDetails({ customer, assistantVersion: _version, status, ...fields }: JsonObject): {
  readonly details?: JsonObject;
} {
  const places = [fields.call, { ...fields, customer: customer ?? null }].filter(isObject);
  // The carrier's ids have a column.
  const carriers = Object.entries(transportOf(places)).filter(([name]) => !/id$/i.test(name));
  const order = typeof status === "string" && TELLS_ORDER.test(status) ? orderOf(places) : {};
  const details = eventDetails(fields, { transport: Object.fromEntries(carriers), ...order });
  return details === null ? {} : { details };
}

const TELLS_ORDER = /^(?:scheduled|queued|ended)$/i;

/** Returns what somebody said who ordered the call: whom it is for, in the words of other systems, and its values. */
function orderOf(places: readonly JsonObject[]): JsonObject {
  const said = ["campaignId", "customerId", "name", "schedulePlan"].map((name) => [
    name,
    places.find((place) => says(place[name]))?.[name] ?? null,
  ]);
  return {
    ...Object.fromEntries(said),
    customer: partyOf(places),
    metadata: metadataOf(places),
    variableValues: variablesOf(places),
  };
}

/** The assistants of a handoff. They come with their configuration, of which only id and name are kept. */
const ASSISTANTS = ["newAssistant", "fromAssistant", "toAssistant", "fromStepRecord", "toStepRecord"];

function nameIn(named: Json | undefined): JsonObject {
  const { id = null, name = null } = isObject(named) ? named : {};
  return Object.fromEntries(Object.entries({ id, name }).filter(([, one]) => typeof one === "string"));
}

function keptOf(fields: JsonObject): (readonly [string, Json])[] {
  return Object.entries(fields).filter(
    ([name]) => !ELSEWHERE.test(name) && !LINKS.test(name) && !CONFIGURATION.test(name),
  );
}

/** Returns the calls themselves. The definitions of tools, which some lists repeat beside them, are configuration. */
function toolCallsIn({ toolCallList, toolWithToolCallList }: JsonObject): Json {
  if (Array.isArray(toolCallList) && toolCallList.length > 0) return toolCallList;
  if (!Array.isArray(toolWithToolCallList)) return null;
  return toolWithToolCallList.flatMap((one: Json) => (isObject(one) ? (one.toolCall ?? []) : []));
}

/** Returns the customer's fields beside name and number. */
function partyOf(places: readonly JsonObject[]): Json {
  const {
    name: _n,
    number: _m,
    sipUri: _s,
    ...others
  } = joined(places.flatMap(({ customer }) => customer ?? []));
  return others;
}

/** Returns what the telephone carrier says beside its ids of the call, such as the number that it was diverted from. */
function transportOf(places: readonly JsonObject[]): JsonObject {
  const transport = joined(places.flatMap(({ transport: one }) => one ?? []));
  return Object.fromEntries(
    Object.entries(transport).filter(
      ([name, one]) => !IN_TRANSPORT.test(name) && !LINKS.test(name) && one !== REMOVED,
    ),
  );
}

const IN_TRANSPORT =
  /^(?:provider|conversationType|accountSid|callSid|sbcCall[SI]id|callControlId|roomDelete\w*|audioFormat|dialTimeout|callUUID|conversationUUID)$/;

/** The places of a call's configuration, from the general one to the one for this call only. */
const HOLDERS = [
  ["assistant"],
  ["squad", "membersOverrides"],
  ["squadOverrides"],
  ["workflowOverrides"],
  ["assistantOverrides"],
];

function holderIn(place: Json, [name = "", ...inner]: readonly string[]): Json {
  const held = isObject(place) ? (place[name] ?? null) : null;
  return inner.length === 0 ? held : holderIn(held, inner);
}

/** Returns the configured values: the assistant's first, the one for this call only last. */
function configured(places: readonly JsonObject[], name: string): readonly Json[] {
  const holders = HOLDERS.flatMap((holder) => places.map((place) => holderIn(place, holder)));
  return [...holders, ...places].filter(isObject).map((holder) => holder[name] ?? null);
}

/** Metadata is an object, but some senders have a text or a list. */
function metadataOf(places: readonly JsonObject[]): Json {
  const values = configured(places, "metadata").filter(says);
  return values.some(isObject) ? joined(values) : (values.at(-1) ?? null);
}

function variablesOf(places: readonly JsonObject[]): Json {
  const variables = joined(["variables", "variableValues"].flatMap((name) => configured(places, name)));
  const own = Object.entries(variables).filter(([name]) => !COPIES.has(name));
  return own.length > MAX_REPORT_DETAILS ? variables : Object.fromEntries(own);
}

/** Returns the fields of all values. The last one wins. One that is too large to be kept is returned alone. */
function joined(values: readonly Json[]): JsonObject {
  const objects = values.filter(isObject);
  const large = objects.find((one) => Object.keys(one).length > MAX_REPORT_DETAILS);
  return large ?? Object.fromEntries(objects.flatMap(Object.entries));
}

/** Keeps the smallest parts, and the names of the others. */
function bounded(parts: ReadonlyMap<string, Json>, max: number): JsonObject | null {
  const known = [...parts].filter(([name, part]) => says(part) && name !== DROPPED);
  const { kept, dropped } = smallest(known, max, MAX_LEVELS);
  const names = dropped.map((name) => name.slice(0, 100)).toSorted();
  if (names.length > 0) kept.push([DROPPED, names.slice(0, MAX_DROPPED_NAMES)]);
  const details = boundedJson(Object.fromEntries(kept));
  return isObject(details) && kept.length > 0 ? details : null;
}

type Fields = readonly (readonly [name: string, value: Json])[];

/** How deep the fields of a part that does not fit are looked at. A tool call's arguments are at the fourth level. */
const MAX_LEVELS = 4;
/** A part with more fields is not looked into, and in less room none is: it would take longer than it is worth. */
const MAX_FIELDS = 1_000;
const MIN_ROOM = 100;

/**
 * Returns the smallest fields, so that as many as possible fit into `max` characters of JSON, and the smallest fields
 * of those that do not fit. `dropped` has the names of the others, `room` the characters that are left.
 */
function smallest(fields: Fields, max: number, levels: number): Fitting {
  const sized = fields.map(([name, part]) => ({ name, part, size: name.length + 4 + jsonLength(part, max) }));
  const kept: [string, Json][] = [];
  const dropped: string[] = [];
  let room = max;
  for (const { name, part, size } of sized.toSorted((a, b) => a.size - b.size)) {
    if (size <= room) {
      kept.push([name, part]);
      room -= size;
      continue;
    }
    const fields = levels === 0 || room < MIN_ROOM ? [] : fieldsIn(part);
    const inner = smallest(fields, room - name.length - 6, levels - 1);
    if (inner.kept.length === 0) {
      dropped.push(name);
      continue;
    }
    kept.push([name, isList(part) ? inOrder(inner.kept) : Object.fromEntries(inner.kept)]);
    dropped.push(...inner.dropped.map((field) => `${name}.${field}`));
    room = inner.room;
  }
  return { kept, dropped, room };
}

type Fitting = { readonly kept: [string, Json][]; readonly dropped: string[]; readonly room: number };

function fieldsIn(part: Json): Fields {
  if (part === null || typeof part !== "object") return [];
  const fields = Object.entries(part);
  return fields.length > MAX_FIELDS ? [] : fields;
}

function inOrder(elements: Fields): readonly Json[] {
  return elements.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, element]) => element);
}
