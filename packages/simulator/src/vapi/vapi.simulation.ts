import type { Scenario } from "../scenario.ts";
import type { ProviderCall, SimulationOptions } from "../simulated-call.ts";
import type { Simulation } from "../simulation.ts";
import { billOf } from "./billing.ts";
import { endedReasonOf } from "./ended-reasons.ts";
import { envelopedDeliveries } from "./enveloped.deliveries.ts";
import { flatDeliveries } from "./flat.deliveries.ts";
import { redeliverVapi } from "./redelivery.ts";
import { surroundingsOf } from "./surroundings.ts";

const RECORDING_ORIGIN = "https://storage.vapi.ai";

/** Vapi's server messages, and the older form without an envelope. */
export const vapiSimulation: Simulation = {
  call: vapiCall,
  redeliver: redeliverVapi,
  chatterType: "speech-update",
};

function vapiCall(scenario: Scenario, options: SimulationOptions): ProviderCall {
  const { persona, direction } = scenario;
  const { assistantId, flat: isFlat = false, recordingOrigin = RECORDING_ORIGIN } = options;
  const endedReason = endedReasonOf(scenario);
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
