import type { Instant } from "@call-ledger/domain";
import { randomFrom } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import type { SimulatedDelivery } from "../simulated-call.ts";
import { phrase } from "../speech/phrases.ts";
import { billOf } from "./billing.ts";
import { recordingUrls } from "./report.ts";
import type { JsonObject } from "./surroundings.ts";
import { transcriptOf } from "./transcript.ts";

/**
 * Returns the call in the older, flat form: without envelope, times and direction. The snapshot in `call` is up to
 * date. A call that nobody answered has no transcripts, and its report has only the ending.
 */
export function flatDeliveries(
  scenario: Scenario,
  assistantId: string,
  { endedReason, recordingOrigin }: { readonly endedReason: string; readonly recordingOrigin: string },
): readonly SimulatedDelivery[] {
  const { callId, persona, turns, answeredAt, endedAt, reportedAt, createdAt, ringingAt } = scenario;
  const name = phrase("first_name", randomFrom("customer", callId));
  const customer =
    scenario.customerNumber === null ? {} : { customer: { number: scenario.customerNumber, name } };
  const identity = { id: callId, assistantId, ...customer };
  const delivery = (
    type: string,
    at: Instant,
    call: JsonObject,
    fields: JsonObject = {},
  ): SimulatedDelivery => ({
    type,
    detail: null,
    body: JSON.stringify({ type, call: { ...identity, ...call }, ...fields }),
    atMs: at,
  });
  const ended = { status: "ended", endedReason };
  const totals = {
    ...ended,
    duration: answeredAt === null ? 0 : Math.round((endedAt - answeredAt) / 1000),
    cost: billOf(scenario)?.cost ?? 0,
  };
  const talking = { status: "in-progress" };
  return [
    delivery("call.started", ringingAt ?? createdAt, { status: ringingAt === null ? "queued" : "ringing" }),
    ...turns.map((turn) =>
      turn.kind === "tool"
        ? delivery("function-call", turn.at, talking, {
            functionCall: { name: turn.name, parameters: turn.arguments },
          })
        : delivery("call.transcribed", turn.until, talking, {
            transcript: turn.text,
            message: { role: turn.speaker === "agent" ? "assistant" : "user" },
          }),
    ),
    delivery("call.ended", endedAt, answeredAt === null ? ended : totals),
    delivery("end-of-call-report", reportedAt, totals, answeredAt === null ? {} : content(answeredAt)),
  ];

  function content(start: Instant): JsonObject {
    const { text } = transcriptOf(persona, turns, start);
    const { mono } = recordingUrls(scenario, recordingOrigin);
    return { recordingUrl: mono, transcript: text, artifact: { transcript: text, recording: mono } };
  }
}
