import type { Json } from "@call-ledger/domain";
import type { Scenario } from "../scenario.ts";
import type { JsonObject } from "./surroundings.ts";

/** The costs of a call, in dollars. */
export type Bill = {
  readonly cost: number;
  readonly costs: readonly Json[];
  readonly costBreakdown: JsonObject;
};

const DOLLARS_PER_MINUTE = { transport: 0.008, transcriber: 0.0104, vapi: 0.05 };
const DOLLARS_PER_TOKEN = { prompt: 0.0000025, completion: 0.00001, analysis: 0.0000002 };
const DOLLARS_PER_CHARACTER = 0.000022;

/** Returns the bill of a call; `null` for a call that was not answered, because it costs nothing. */
export function billOf({ answeredAt, endedAt, turns, persona, direction }: Scenario): Bill | null {
  if (answeredAt === null) return null;
  const minutes = round((endedAt - answeredAt) / 60_000);
  const agentSpeech = turns.filter((turn) => turn.kind === "speech" && turn.speaker === "agent");
  const characters = agentSpeech.reduce((sum, turn) => sum + ("text" in turn ? turn.text.length : 0), 0);
  const promptTokens = 310 + turns.length * 412;
  const completionTokens = Math.ceil(characters / 4.1);
  const analysisTokens = 180 + turns.length * 31;
  const dollars = {
    transport: round(direction === "web" ? 0 : minutes * DOLLARS_PER_MINUTE.transport),
    stt: round(minutes * DOLLARS_PER_MINUTE.transcriber),
    llm: round(promptTokens * DOLLARS_PER_TOKEN.prompt + completionTokens * DOLLARS_PER_TOKEN.completion),
    tts: round(characters * DOLLARS_PER_CHARACTER),
    vapi: round(minutes * DOLLARS_PER_MINUTE.vapi),
    analysis: round(analysisTokens * DOLLARS_PER_TOKEN.analysis),
  };
  const cost = round(Object.values(dollars).reduce((sum, one) => sum + one, 0));
  const model = { provider: "openai", model: "gpt-4o" };
  return {
    cost,
    costs: [
      {
        type: "transport",
        provider: direction === "web" ? "daily" : "twilio",
        minutes,
        cost: dollars.transport,
      },
      {
        type: "transcriber",
        transcriber: { provider: "deepgram", model: "nova-2" },
        minutes,
        cost: dollars.stt,
      },
      { type: "model", model, promptTokens, completionTokens, cost: dollars.llm },
      { type: "voice", voice: { provider: "vapi", voiceId: persona.voiceId }, characters, cost: dollars.tts },
      { type: "vapi", subType: "normal", minutes, cost: dollars.vapi },
      { type: "analysis", analysisType: "summary", promptTokens: analysisTokens, cost: dollars.analysis },
    ],
    costBreakdown: { ...dollars, total: cost, llmPromptTokens: promptTokens, ttsCharacters: characters },
  };
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
