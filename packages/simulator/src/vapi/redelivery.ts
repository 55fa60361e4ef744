import { randomFrom } from "../random.ts";
import type { SimulatedDelivery } from "../simulated-call.ts";
import { presignedUrls } from "./presigned-urls.ts";

const BACKOFF_MS = 10_000;

/** Types of messages whose time is the time of sending, not that of the event. */
const RESENT_WITH_A_NEW_TIME = new Set(["end-of-call-report", "tool-calls"]);

type Sent = {
  message?: {
    timestamp: number;
    call: { id: string };
    artifact?: { presignedMonoUrl?: string };
  };
};

/**
 * Returns the same delivery as Vapi sends it again. Presigned URLs have new signatures. If the time of a message is not
 * that of its event, the envelope has the time of this attempt. The meaning is the same, so a ledger books nothing
 * twice. `attempt` counts from 1, which is the first redelivery.
 */
export function redeliverVapi(delivery: SimulatedDelivery, attempt: number): SimulatedDelivery {
  const sent: Sent = JSON.parse(delivery.body);
  if (sent.message === undefined || !RESENT_WITH_A_NEW_TIME.has(delivery.type)) return delivery;
  const { message } = sent;
  const delay = Math.round(attempt * BACKOFF_MS * (0.9 + 0.2 * jitter(message.call.id, attempt)));
  message.timestamp += delay;
  const mono = message.artifact?.presignedMonoUrl;
  if (message.artifact !== undefined && mono !== undefined) {
    Object.assign(message.artifact, presignedUrls(new URL(mono).origin, message.call.id, message.timestamp));
  }
  return { ...delivery, body: JSON.stringify(sent), atMs: delivery.atMs + delay };
}

function jitter(callId: string, attempt: number): number {
  return randomFrom("redelivery", callId, attempt).fraction();
}
