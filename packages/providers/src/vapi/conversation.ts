import type { ConversationItem, Instant, Json, StoredConversation } from "@call-ledger/domain";
import { boundedInstant, isList, withLatencies } from "@call-ledger/domain";
import type { JsonObject } from "../common/json-body.ts";
import { isObject, parseJson } from "../common/json-body.ts";
import { INSTRUCTORS } from "../common/prompts.ts";
import { SPEAKERS, SPOKEN_LINE, speakerOf, wordsIn } from "./turns.ts";

/** The max number of items. A call of many hours has fewer; a hostile report can have hundreds of thousands. */
const MAX_ITEMS = 5_000;
/** The max number of messages and of lines that are read for them. */
const MAX_READ = 20_000;

/**
 * Returns the first 5,000 items of the conversation from the report's messages in both of Vapi's forms, or as a list of
 * turns. Without spoken messages it comes from the segments of the live transcript, otherwise from the lines of the
 * transcript.
 */
export function vapiConversation(stored: StoredConversation): readonly ConversationItem[] {
  const { messages, segments, transcript, startedAt } = stored;
  const list = messages !== null && typeof messages === "object" && isList(messages) ? messages : [];
  const items = itemsOf(list.slice(0, MAX_READ).filter(isObject), startedAt);
  if (items.some(({ kind }) => kind === "speech")) return withLatencies(items);
  const spoken =
    segments.length > 0 ? segments.map((one) => segmentItem(one, startedAt)) : linesIn(transcript);
  return withLatencies([...spoken, ...items].slice(0, MAX_ITEMS));
}

function itemsOf(messages: readonly JsonObject[], startedAt: Instant | null): ConversationItem[] {
  const items: ConversationItem[] = [];
  const places = new Map<string, number>();
  for (const message of messages) {
    if (items.length >= MAX_ITEMS) break;
    const role = speakerOf(message)?.toLowerCase() ?? "";
    // Prompts need another scope than the conversation.
    if (INSTRUCTORS.has(role)) continue;
    if (isResult(role)) {
      settle(items, places, message, role, atSecondsOf(message, startedAt));
      continue;
    }
    const text = wordsIn(message);
    if (text !== null && !/^tool|^function/.test(role)) {
      items.push({
        kind: "speech",
        role: roleOf(role),
        text,
        ...timesOf(message, startedAt),
        latencyMs: null,
      });
    }
    for (const call of callsIn(message, role, startedAt)) {
      if (call.kind === "tool_call" && call.id !== null && !places.has(call.id)) {
        places.set(call.id, items.length);
      }
      items.push(call);
    }
  }
  return items.slice(0, MAX_ITEMS);
}

function isResult(role: string): boolean {
  return ["tool_call_result", "tool", "function_result", "tool-call-result"].includes(role);
}

/** Returns the tool calls in a message: a list, or the single call of older messages. */
function callsIn(message: JsonObject, role: string, startedAt: Instant | null): ConversationItem[] {
  const list = [message.toolCalls, message.tool_calls].find(Array.isArray) ?? [];
  const calls = list.slice(0, MAX_ITEMS).filter(isObject);
  if (calls.length === 0 && role === "function_call") calls.push(message);
  return calls.map((call) => {
    const inner = isObject(call.function) ? call.function : call;
    return {
      kind: "tool_call",
      id: textOf(call.id ?? null),
      name: textOf(inner.name ?? call.name ?? null) ?? "unknown",
      arguments: documentOf(inner.arguments ?? inner.args ?? inner.parameters ?? null),
      result: null,
      atSeconds: atSecondsOf(message, startedAt),
      tookMs: null,
    };
  });
}

/** Adds a result to the call with its id, or without an id to the first unanswered call of its name. */
function settle(
  items: ConversationItem[],
  places: Map<string, number>,
  message: JsonObject,
  role: string,
  at: number | null,
): void {
  const id = textOf(message.toolCallId ?? message.tool_call_id ?? null);
  const name = textOf(message.name ?? null);
  const result = documentOf(message.result ?? message.content ?? message.message ?? null);
  const isOpen = (item: ConversationItem) =>
    item.kind === "tool_call" && item.result === null && (name === null || item.name === name);
  const place = id === null ? items.findIndex(isOpen) : (places.get(id) ?? -1);
  const call = items[place];
  if (call?.kind === "tool_call") {
    const tookMs = at === null || call.atSeconds === null ? null : Math.round((at - call.atSeconds) * 1000);
    items[place] = { ...call, result, tookMs: tookMs === null ? null : Math.max(0, tookMs) };
    return;
  }
  // No message had its call, so the result is shown on its own.
  if (id !== null) places.set(id, items.length);
  items.push({
    kind: "tool_call",
    id,
    name: name ?? role,
    arguments: null,
    result,
    atSeconds: at,
    tookMs: null,
  });
}

function roleOf(role: string): "caller" | "agent" | "other" {
  const speaker = SPEAKERS.get(role);
  if (speaker === undefined) return "other";
  return speaker === "AI" ? "agent" : "caller";
}

type Times = { readonly atSeconds: number | null; readonly endSeconds: number | null };

function timesOf(message: JsonObject, startedAt: Instant | null): Times {
  const atSeconds = atSecondsOf(message, startedAt);
  const { time = null, endTime = null, duration = null } = message;
  const took = isNumber(time) && isNumber(endTime) ? endTime - time : isNumber(duration) ? duration : null;
  const endSeconds =
    atSeconds === null || took === null || took < 0 ? null : rounded(atSeconds + took / 1000);
  return { atSeconds, endSeconds };
}

function atSecondsOf({ secondsFromStart = null, time = null }: JsonObject, startedAt: Instant | null) {
  if (isNumber(secondsFromStart)) return rounded(Math.max(0, secondsFromStart));
  const at = boundedInstant(time);
  return at === null ? null : since(at, startedAt);
}

function since(at: Instant, startedAt: Instant | null): number | null {
  return startedAt === null ? null : rounded(Math.max(0, (at - startedAt) / 1000));
}

function segmentItem(
  { role, text, at }: StoredConversation["segments"][number],
  startedAt: Instant | null,
): ConversationItem {
  const atSeconds = at === null ? null : since(at, startedAt);
  return {
    kind: "speech",
    role: roleOf(role.toLowerCase()),
    text,
    atSeconds,
    endSeconds: null,
    latencyMs: null,
  };
}

/** Returns the lines of a transcript, `AI: …` and `User: …`. A line without a speaker continues the previous one. */
function linesIn(transcript: string | null): ConversationItem[] {
  const items: ConversationItem[] = [];
  for (const line of (transcript ?? "").split("\n", MAX_READ)) {
    const [, name = "", words = ""] = SPOKEN_LINE.exec(line) ?? [];
    const isTurn = SPEAKERS.has(name.toLowerCase());
    const text = (isTurn ? words : line).trim();
    const last = items.at(-1);
    if (text === "") continue;
    if (items.length >= MAX_ITEMS) break;
    if (!isTurn && last?.kind === "speech")
      items[items.length - 1] = { ...last, text: `${last.text}\n${text}` };
    else {
      const role = isTurn ? roleOf(name.toLowerCase()) : "other";
      items.push({ kind: "speech", role, text, atSeconds: null, endSeconds: null, latencyMs: null });
    }
  }
  return items;
}

/** Arguments and results come as JSON in a text. */
function documentOf(value: Json): Json {
  return typeof value === "string" ? (parseJson(value) ?? value) : value;
}

function textOf(value: Json | undefined): string | null {
  return typeof value === "string" && /\S/.test(value) ? value : null;
}

function isNumber(value: Json): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

/** Milliseconds, because Vapi computes seconds in single precision. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
