import type { Question } from "../common/provider-adapter.ts";
import type { Spoken } from "./dialect.ts";
import { toolCallsSchema } from "./wire.schema.ts";

type ToolCall = { readonly id: string; readonly name: string };

const ASKS: ReadonlyMap<string, "agent" | "tools" | "function" | "audio" | "other"> = new Map([
  ["assistant-request", "agent"],
  ["tool-calls", "tools"],
  ["function-call", "function"],
  ["transfer-destination-request", "other"],
  ["handoff-destination-request", "other"],
  ["knowledge-base-request", "other"],
  ["voice-request", "audio"],
  ["call.endpointing.request", "other"],
  ["campaign.predial", "other"],
]);

/** What a message wants to hear back, `null` where "received" is enough. */
export function questionOf(spoken: Spoken): Question | null {
  const asks = ASKS.get(spoken.type);
  if (asks === undefined) return null;
  return asks === "tools" ? { asks, toolCalls: toolCallsOf(spoken) } : { asks };
}

/** The tool calls of a message, without those that no answer can name. */
export function toolCallsOf({ fields }: Spoken): readonly ToolCall[] {
  const { toolCallList, toolCalls, toolWithToolCallList } = toolCallsSchema.parse(fields);
  const lists = [toolCallList, toolCalls, toolWithToolCallList.map(({ toolCall }) => toolCall)];
  const calls = lists.find((list) => list.length > 0) ?? [];
  return calls.flatMap(({ id, name, function: { name: functionName } }) =>
    id === null ? [] : [{ id, name: functionName ?? name ?? "" }],
  );
}

/** Vapi's form of an answer, for HTTP 200: it ignores every other status. */
export function answerVapi(question: Question, providerAgentId: string | null): unknown {
  switch (question.asks) {
    case "agent":
      return providerAgentId === null
        ? { error: "Sorry, nobody can take your call at this number right now. Please try again later." }
        : { assistantId: providerAgentId };
    case "tools":
      return {
        results: question.toolCalls.map(({ id, name }) => ({
          name,
          toolCallId: id,
          result: noHandler(name === "" ? "this tool" : name),
        })),
      };
    case "function":
      return { result: noHandler("this function") };
    case "audio":
      // Vapi plays the body as it comes, so JSON would be a noise. Nothing is silence.
      return null;
    case "other":
      return { error: "not handled here" };
  }
}

function noHandler(name: string): string {
  return `No handler is configured here for ${name}.`;
}
