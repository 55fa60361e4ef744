import type { Instant, Json } from "@call-ledger/domain";
import { randomFrom } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import { SAMPLE_TOPIC } from "../speech/sample.ts";
import { factsOf } from "../speech/talk.ts";
import { billOf } from "./billing.ts";
import { presignedUrls } from "./presigned-urls.ts";
import type { JsonObject } from "./surroundings.ts";
import { transcriptOf } from "./transcript.ts";

/** Stable URLs. They identify a recording, and the account's key is needed to fetch them. */
export type RecordingUrls = {
  readonly mono: string;
  readonly stereo: string;
  readonly assistant: string;
  readonly customer: string;
};

export function recordingUrls({ callId, endedAt }: Scenario, origin: string): RecordingUrls {
  const random = randomFrom("recordings", callId);
  const mono = random.uuid();
  const url = (id: string, channel: string) => `${origin}/${callId}-${endedAt}-${id}-${channel}.wav`;
  return {
    mono: url(mono, "mono"),
    stereo: url(random.uuid(), "stereo"),
    assistant: url(mono, "assistant"),
    customer: url(mono, "customer"),
  };
}

/** Returns the fields that only an `end-of-call-report` has. Few of them are set for a call that nobody answered. */
export function reportFields(
  scenario: Scenario,
  endedReason: string,
  options: { readonly recordingOrigin: string; readonly presignedAt: Instant },
): JsonObject {
  const { answeredAt, endedAt } = scenario;
  const bill = billOf(scenario);
  if (answeredAt === null || bill === null) {
    const empty = { messages: [], messagesOpenAIFormatted: [], transcript: "" };
    const nothing = { cost: 0, costs: [], durationMs: 0, durationSeconds: 0, analysis: {}, artifact: empty };
    return { endedReason, endedAt: iso(endedAt), ...nothing };
  }
  const durationMs = endedAt - answeredAt;
  return {
    endedReason,
    startedAt: iso(answeredAt),
    endedAt: iso(endedAt),
    ...bill,
    durationMs,
    durationSeconds: durationMs / 1000,
    durationMinutes: Number((durationMs / 60_000).toFixed(4)),
    summary: scenario.summary,
    analysis: analysisOf(scenario),
    artifact: artifactOf(scenario, answeredAt, options),
  };
}

function analysisOf({ summary, isSample, outcome, turns }: Scenario): JsonObject {
  const { topic, code, phone } = factsOf(turns);
  return {
    summary,
    structuredData: {
      topic: isSample ? SAMPLE_TOPIC : topic,
      booked: outcome === "completed",
      confirmation: code,
      callBackAt: phone,
    },
    successEvaluation: String(outcome === "completed"),
  };
}

function artifactOf(
  scenario: Scenario,
  start: Instant,
  { recordingOrigin, presignedAt }: { readonly recordingOrigin: string; readonly presignedAt: Instant },
): JsonObject {
  const { callId, persona, turns, isSample, endedAt } = scenario;
  const { text, messages, messagesOpenAIFormatted } = transcriptOf(persona, turns, start);
  const { mono, stereo, assistant, customer } = recordingUrls(scenario, recordingOrigin);
  const random = randomFrom("outputs", callId);
  return {
    messages,
    messagesOpenAIFormatted,
    transcript: text,
    recordingUrl: mono,
    stereoRecordingUrl: stereo,
    recording: {
      stereoUrl: stereo,
      mono: { combinedUrl: mono, assistantUrl: assistant, customerUrl: customer },
    },
    logUrl: `https://calllogs.vapi.ai/${persona.providerOrgId}/${callId}-${endedAt}.jsonl.gz`,
    performanceMetrics: performanceOf(scenario),
    structuredOutputs: {
      [random.uuid()]: {
        name: "job",
        result: { kind: isSample ? SAMPLE_TOPIC : factsOf(turns).topic, urgent: random.chance(0.3) },
      },
    },
    scorecards: {},
    variableValues: {},
    ...presignedUrls(recordingOrigin, callId, presignedAt),
  };
}

/** Returns the latencies of the agent's answers: milliseconds by stage. */
function performanceOf({ turns, callId }: Scenario): JsonObject {
  const random = randomFrom("latency", callId);
  const agentTurns = turns.filter((turn) => turn.kind === "speech" && turn.speaker === "agent");
  const latencies = agentTurns.map(() => {
    const stages = {
      modelLatency: random.decimal(310, 1_400, 8),
      voiceLatency: random.decimal(120, 420, 8),
      transcriberLatency: random.decimal(60, 300, 8),
      endpointingLatency: random.decimal(180, 900, 8),
    };
    return { ...stages, turnLatency: sum(Object.values(stages)) };
  });
  const turnLatencies: readonly Json[] = latencies;
  const average = sum(latencies.map(({ turnLatency }) => turnLatency)) / Math.max(1, latencies.length);
  return { turnLatencies, turnLatencyAverage: average, numUserInterrupted: random.int(0, 3) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function iso(instant: Instant): string {
  return new Date(instant).toISOString();
}
