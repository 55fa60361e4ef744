import type { Json } from "@call-ledger/domain";
import { isPlaceholder, says } from "@call-ledger/domain";
import type { JsonObject } from "../common/json-body.ts";
import { isObject } from "../common/json-body.ts";
import { instantOf } from "../common/timestamp.ts";
import { numberOf, onlyIn } from "./wire.fields.ts";

const isTime = (value: Json) => instantOf(value) !== null;
const isNumber = (value: Json) => numberOf(value) !== null;
const isText = (value: Json) => typeof value === "string";
const isHeld = (value: Json) => value !== null && typeof value === "object";

/**
 * Fields of a report that have a column, by the form that is read. Without costs, because fewer people may see them.
 */
const FORMS: Readonly<Record<string, (value: Json) => boolean>> = {
  startedAt: isTime,
  endedAt: isTime,
  endedReason: isText,
  duration: isNumber,
  durationSeconds: isNumber,
  durationMs: isNumber,
  durationMinutes: isNumber,
  analysis: (value) => isObject(onlyIn(value)),
  artifact: isObject,
  summary: isText,
  messages: Array.isArray,
  messagesOpenAIFormatted: Array.isArray,
  structuredOutputs: isHeld,
};

/**
 * Returns the fields of a report that say something in a form that no column can have: a text instead of an analysis, a
 * date that does not exist, an artifact that is a text.
 */
export function inOtherForms(place: JsonObject): (readonly [name: string, value: Json])[] {
  return Object.entries(FORMS).flatMap(([name, isRead]) => {
    const value = place[name] ?? null;
    return isFact(value) && !isRead(value) ? [[name, value] as const] : [];
  });
}

function isFact(value: Json): boolean {
  return says(value) && value !== 0 && !(typeof value === "string" && isPlaceholder(value));
}

/** Returns the steps of a workflow that ran, with the values that each collected. The messages have the words. */
export function stepsIn(places: readonly JsonObject[]): Json {
  const lists = places
    .map(({ artifact }) => (isObject(artifact) ? artifact.nodes : null))
    .filter(Array.isArray);
  const steps: JsonObject[] = (lists.at(-1) ?? []).filter(isObject);
  return steps.map(({ messages: _said, messagesOpenAIFormatted: _too, ...step }) => step);
}
