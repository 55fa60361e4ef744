import type { Scenario } from "../scenario.ts";
import type { SimulationOptions, ToldCall } from "../simulated-call.ts";
import { billOf } from "./billing.ts";
import { endedReasonOf } from "./ended-reasons.ts";
import { envelopedDeliveries } from "./enveloped.deliveries.ts";
import { flatDeliveries } from "./flat.deliveries.ts";
import { surroundingsOf } from "./surroundings.ts";

const RECORDING_ORIGIN = "https://storage.vapi.ai";

/** Returns a call as Vapi sends it, in either dialect. */
export function vapiCall(scenario: Scenario, options: SimulationOptions): ToldCall {
  const { persona, direction } = scenario;
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
    endedReason,
    costUsd: billOf(scenario)?.cost ?? 0,
    ourNumber: isFlat ? null : own.ourNumber,
    deliveries,
  };
}
