import type { Json } from "../text/json.ts";
import type { Instant } from "./call-event.ts";

/** An utterance. Seconds count from the start of the call; `null`: the provider does not give the time. */
type Speech = {
  readonly kind: "speech";
  readonly role: "caller" | "agent" | "other";
  readonly text: string;
  readonly atSeconds: number | null;
  readonly endSeconds: number | null;
  /** Milliseconds from the caller's last word to the agent's answer; `null`: not an answer, or a time is missing. */
  readonly latencyMs: number | null;
};

/** The use of a tool by the agent. `result` is `null` until the tool has answered. */
type ToolCall = {
  readonly kind: "tool_call";
  readonly id: string | null;
  readonly name: string;
  readonly arguments: Json;
  readonly result: Json;
  readonly atSeconds: number | null;
  readonly tookMs: number | null;
};

export type ConversationItem = Speech | ToolCall;

/** The stored parts of a conversation, in the provider's words. */
export type StoredConversation = {
  readonly startedAt: Instant | null;
  /** The report's list of messages. */
  readonly messages: Json | null;
  /** Final segments of the live transcript, in the order in which they were said. */
  readonly segments: readonly { readonly role: string; readonly text: string; readonly at: Instant | null }[];
  /** The report's transcript as one text. */
  readonly transcript: string | null;
};

/** One part of the cost of a call, as the provider names it. */
export type CostPart = {
  readonly name: string;
  readonly usd: number;
  /** The quantity that was charged, in the provider's unit; `null` if the provider does not give it. */
  readonly quantity: number | null;
  readonly unit: string | null;
};

/** Returns the items with the latency of each answer of the agent. Tools used before an answer count as latency. */
export function withLatencies(items: readonly ConversationItem[]): readonly ConversationItem[] {
  let before: Speech | null = null;
  return items.map((item) => {
    if (item.kind === "tool_call") return item;
    const question = before;
    before = item;
    if (item.role !== "agent" || question?.role !== "caller") return item;
    if (question.endSeconds === null || item.atSeconds === null) return item;
    return { ...item, latencyMs: Math.max(0, Math.round((item.atSeconds - question.endSeconds) * 1000)) };
  });
}

/** Returns the number of answers with a known latency, and their median and longest latency in milliseconds. */
export function latencyOf(items: readonly ConversationItem[]): {
  readonly turns: number;
  readonly medianMs: number | null;
  readonly maxMs: number | null;
} {
  const known = items
    .flatMap((item) => (item.kind === "speech" && item.latencyMs !== null ? [item.latencyMs] : []))
    .toSorted((a, b) => a - b);
  const [low, high] = [known[(known.length - 1) >> 1], known[known.length >> 1]];
  return {
    turns: known.length,
    medianMs: low === undefined || high === undefined ? null : Math.round((low + high) / 2),
    maxMs: known.at(-1) ?? null,
  };
}
