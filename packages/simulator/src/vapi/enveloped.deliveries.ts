import type { Instant } from "@call-ledger/domain";
import { randomFrom } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import type { SimulatedDelivery } from "../simulated-call.ts";
import type { Speech, ToolUse, Turn } from "../speech/conversation.ts";
import { reportFields } from "./report.ts";
import type { JsonObject, Surroundings } from "./surroundings.ts";
import { transcriptOf } from "./transcript.ts";

export type EnvelopeOptions = {
  readonly endedReason: string;
  readonly recordingOrigin: string;
  readonly presignedAt: Instant | undefined;
  readonly chatter: boolean;
};

/** A message without its envelope. */
type Message = {
  readonly type: string;
  readonly detail?: string;
  readonly at: Instant;
  readonly fields: JsonObject;
  readonly surroundings: JsonObject;
};

/** Returns the messages that Vapi sends for a call, in the order of their times. */
export function envelopedDeliveries(
  scenario: Scenario,
  { call, customer, phoneNumber, assistant }: Surroundings,
  options: EnvelopeOptions,
): readonly SimulatedDelivery[] {
  const everything = { ...customer, ...phoneNumber, ...assistant };
  const messages = [
    ...progress(scenario, { ...customer, ...phoneNumber, ...assistant }),
    ...scenario.turns.flatMap((turn) => [
      ...(turn.kind === "tool"
        ? toolCalls(turn, { ...customer, ...phoneNumber })
        : finalTranscript(scenario, turn)),
      ...(options.chatter ? chatter(scenario, turn) : []),
    ]),
    ...ending(scenario, { ...customer, ...phoneNumber }, everything, options),
  ];
  return messages
    .sort((a, b) => a.at - b.at)
    .map(({ type, detail, at, fields, surroundings }) => ({
      type,
      detail: detail ?? null,
      body: JSON.stringify({ message: { timestamp: at, type, ...fields, call, ...surroundings } }),
      atMs: at,
    }));
}

function status(word: string, at: Instant, surroundings: JsonObject, fields: JsonObject = {}): Message {
  return { type: "status-update", detail: word, at, fields: { status: word, ...fields }, surroundings };
}

function progress(
  { createdAt, ringingAt, answeredAt, callId }: Scenario,
  surroundings: JsonObject,
): Message[] {
  const messages = [status("queued", createdAt + 40, surroundings)];
  if (ringingAt !== null) messages.push(status("ringing", ringingAt, surroundings));
  if (answeredAt === null) return messages;
  messages.push(status("in-progress", answeredAt, surroundings));
  // Real calls have this event shortly before or after "in-progress".
  const startedAt = answeredAt + randomFrom("assistant started", callId).int(-60, 60);
  const fields = { newAssistant: surroundings.assistant ?? null };
  return [...messages, { type: "assistant.started", at: startedAt, fields, surroundings }];
}

function finalTranscript({ callId }: Scenario, { speaker, text, until }: Speech): Message[] {
  const random = randomFrom("transcript", callId, until);
  const role = speaker === "agent" ? "assistant" : "user";
  const type = random.chance(0.5) ? "transcript" : 'transcript[transcriptType="final"]';
  const fields = { role, transcriptType: "final", transcript: text, isFiltered: false, detectedThreats: [] };
  const messages: Message[] = [{ type, detail: role, at: until, fields, surroundings: {} }];
  if (speaker === "caller" && random.chance(0.07)) {
    const turnId = random.uuid();
    messages.push({ type: "user-interrupted", at: until - 5, fields: { turnId }, surroundings: {} });
  }
  return messages;
}

function toolCalls({ id, name, at, ...turn }: ToolUse, surroundings: JsonObject): Message[] {
  const toolCall = { id, type: "function", function: { name, arguments: JSON.stringify(turn.arguments) } };
  const parameters = {
    type: "object",
    properties: Object.fromEntries(Object.keys(turn.arguments).map((key) => [key, { type: "string" }])),
  };
  const definition = { name, description: `Runs ${name.replace("_", " ")} in the office system`, parameters };
  const fields = {
    toolCallList: [toolCall],
    toolWithToolCallList: [{ type: "function", async: false, function: definition, toolCall }],
  };
  return [{ type: "tool-calls", detail: name, at, fields, surroundings }];
}

/** Returns the messages that repeat with every utterance. The report contains all of their content. */
function chatter({ turns, persona, answeredAt }: Scenario, turn: Turn): Message[] {
  if (turn.kind === "tool") return [];
  const role = turn.speaker === "agent" ? "assistant" : "user";
  const speech = (word: string, at: Instant): Message => ({
    type: "speech-update",
    detail: word,
    at,
    fields: { status: word, role, turn: turns.indexOf(turn) },
    surroundings: {},
  });
  const soFar = turns.slice(0, turns.indexOf(turn) + 1);
  const { messages, messagesOpenAIFormatted } = transcriptOf(persona, soFar, answeredAt ?? turn.at);
  const fields = { messages, messagesOpenAIFormatted };
  return [
    speech("started", turn.at),
    speech("stopped", turn.until),
    { type: "conversation-update", at: turn.until + 18, fields, surroundings: {} },
  ];
}

function ending(
  scenario: Scenario,
  parties: JsonObject,
  everything: JsonObject,
  { endedReason, recordingOrigin, presignedAt }: EnvelopeOptions,
): Message[] {
  const { persona, turns, answeredAt, forwardedAt, endedAt, reportedAt, callId, summary } = scenario;
  const { text, ...written } = transcriptOf(persona, turns, answeredAt ?? endedAt);
  const messages: Message[] = [];
  if (forwardedAt !== null) {
    const digits = randomFrom("desk", persona.phoneNumberId).text(2, "0123456789");
    const destination = { type: "number", number: `+120255501${digits}`, description: "Front desk" };
    messages.push(
      status("forwarding", forwardedAt, parties, { destination, ...written, transcript: text, summary }),
      { type: "transfer-update", at: forwardedAt + 9, fields: { destination }, surroundings: parties },
    );
  }
  const artifact = answeredAt === null ? {} : { artifact: written };
  const presigned = presignedAt ?? reportedAt + randomFrom("signing", callId).int(-400, -20);
  return [
    ...messages,
    status("ended", endedAt, parties, { endedReason, ...artifact }),
    {
      type: "end-of-call-report",
      at: reportedAt,
      fields: reportFields(scenario, endedReason, { recordingOrigin, presignedAt: presigned }),
      surroundings: everything,
    },
  ];
}
