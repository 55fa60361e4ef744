import type { Question } from "../common/provider-adapter.ts";
import type { Spoken } from "./dialect.ts";
import { toolCallsIn } from "./wire.fields.ts";

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

/** Returns the question in a message; `null` if the reply "received" is enough. */
export function questionOf(spoken: Spoken): Question | null {
  const asks = ASKS.get(spoken.type);
  if (asks === undefined) return null;
  return asks === "tools" ? { asks, toolCalls: toolCallsOf(spoken) } : { asks };
}

/** Returns the tool calls of a message, without those that an answer could not name. */
export function toolCallsOf({ fields }: Spoken): readonly ToolCall[] {
  const { toolCallList, toolCalls, toolWithToolCallList } = toolCallsIn(fields);
  const lists = [toolCallList, toolCalls, toolWithToolCallList.map(({ toolCall }) => toolCall)];
  const calls = lists.find((list) => list.length > 0) ?? [];
  return calls.flatMap(({ id, name, function: { name: functionName } }) =>
    id === null ? [] : [{ id, name: functionName ?? name ?? "" }],
  );
}

/** Returns an answer in Vapi's form, for HTTP 200, because Vapi ignores every other status. */
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
      // Vapi plays the body unchanged, so JSON would be noise. An empty body is silence.
      return null;
    case "other":
      return { error: "not handled here" };
  }
}

function noHandler(name: string): string {
  return `No handler is configured here for ${name}.`;
}
