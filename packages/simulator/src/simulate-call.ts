import { scenarioOf } from "./scenario.ts";
import type { SimulatedCall, SimulationOptions } from "./simulated-call.ts";
import { billOf } from "./vapi/billing.ts";
import { endedReasonOf } from "./vapi/ended-reasons.ts";
import { envelopedDeliveries } from "./vapi/enveloped.deliveries.ts";
import { flatDeliveries } from "./vapi/flat.deliveries.ts";
import { surroundingsOf } from "./vapi/surroundings.ts";

const RECORDING_ORIGIN = "https://storage.vapi.ai";

/**
 * A whole call as the provider tells it. No clock, no chance but the seed's: equal options make equal bytes.
 * Throws a RangeError for a direction that cannot have the outcome, and for turns out of bounds.
 */
export function simulateCall(options: SimulationOptions): SimulatedCall {
  const scenario = scenarioOf(options);
  const { persona, direction, outcome, answeredAt, endedAt, callId } = scenario;
  const { assistantId, dialect = "vapi", recordingOrigin = RECORDING_ORIGIN } = options;
  const endedReason = endedReasonOf(scenario);
  const isFlat = dialect === "flat";
  const own =
    direction === "web"
      ? { ourNumber: null, phoneNumberId: null }
      : {
          ourNumber: options.ourNumber ?? persona.ourNumber,
          phoneNumberId: options.phoneNumberId ?? persona.phoneNumberId,
        };
  const deliveries = isFlat
    ? flatDeliveries(scenario, assistantId, { endedReason, recordingOrigin })
    : envelopedDeliveries(scenario, surroundingsOf(scenario, assistantId, own), {
        endedReason,
        recordingOrigin,
        presignedAt: options.presignedAt,
        chatter: options.chatter ?? false,
      });
  return {
    callId,
    direction,
    outcome,
    endedReason,
    answeredAt,
    endedAt,
    costUsd: billOf(scenario)?.cost ?? 0,
    customerNumber: scenario.customerNumber,
    ourNumber: isFlat ? null : own.ourNumber,
    deliveries,
  };
}
