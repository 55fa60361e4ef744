import type { Instant, Json } from "@call-ledger/domain";
import { randomFrom } from "../random.ts";
import type { Turn } from "../speech/conversation.ts";
import type { Persona } from "../speech/persona.ts";
import type { JsonObject } from "./surroundings.ts";

/** The three forms in which Vapi writes a conversation. */
export type Transcript = {
  readonly text: string;
  readonly messages: readonly Json[];
  readonly messagesOpenAIFormatted: readonly Json[];
};

/** Writes turns in the three forms. Seconds count from `start`. */
export function transcriptOf(persona: Persona, turns: readonly Turn[], start: Instant): Transcript {
  const spoken = turns.filter((turn) => turn.kind === "speech");
  const lines = spoken.map(({ speaker, text }) => `${speaker === "agent" ? "AI" : "User"}: ${text}\n`);
  const system = { role: "system", message: persona.instructions, time: start, secondsFromStart: 0 };
  return {
    text: lines.join(""),
    messages: [system, ...turns.flatMap((turn) => messagesOf(turn, start))],
    messagesOpenAIFormatted: [
      { role: "system", content: persona.instructions },
      ...spoken.map(({ speaker, text }) => ({
        role: speaker === "agent" ? "assistant" : "user",
        content: text,
      })),
    ],
  };
}

function messagesOf(turn: Turn, start: Instant): readonly JsonObject[] {
  if (turn.kind === "tool") {
    const { id, name, at, until, result } = turn;
    const call = { id, type: "function", function: { name, arguments: JSON.stringify(turn.arguments) } };
    const request = { role: "tool_calls", time: at, message: "", toolCalls: [call] };
    const answer = { name, role: "tool_call_result", time: until, result: JSON.stringify(result) };
    return [
      { ...request, secondsFromStart: seconds(at - start) },
      { ...answer, secondsFromStart: seconds(until - start), toolCallId: id },
    ];
  }
  const { speaker, text, at, until } = turn;
  const times = { time: at, endTime: until, secondsFromStart: seconds(at - start) };
  // Vapi measures in audio frames, so the fraction is noise.
  const duration = until - at + randomFrom("frames", at, until).decimal(0, 1, 10);
  return speaker === "agent"
    ? [{ role: "bot", message: text, ...times, duration, source: "" }]
    : [{ role: "user", message: text, ...times, duration, isFiltered: false, detectedThreats: [] }];
}

/** Vapi computes seconds in single precision and prints them in double. */
function seconds(milliseconds: number): number {
  return Math.fround(milliseconds / 1000);
}
