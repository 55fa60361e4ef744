import type { Json } from "@call-ledger/domain";
import { randomFrom } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import type { Persona } from "../speech/persona.ts";

export type JsonObject = { readonly [key: string]: Json };

/** The fields that every message has beside its own. */
export type Surroundings = {
  /** A snapshot from the creation of the call: its `status` never changes. */
  readonly call: JsonObject;
  readonly customer: JsonObject;
  readonly phoneNumber: JsonObject;
  readonly assistant: JsonObject;
};

const HEX = "0123456789abcdef";
const CALL_TYPES = { inbound: "inboundPhoneCall", outbound: "outboundPhoneCall", web: "webCall" } as const;

/** Our own number, if the caller of the simulator sets another one than the persona's. */
export type OwnNumber = { readonly ourNumber: string | null; readonly phoneNumberId: string | null };

/** Returns the fields that all messages of a call share. */
export function surroundingsOf(scenario: Scenario, assistantId: string, own: OwnNumber): Surroundings {
  const { callId, persona, direction, createdAt, customerNumber } = scenario;
  const random = randomFrom("surroundings", callId);
  const created = new Date(createdAt).toISOString();
  const customer = customerNumber === null ? {} : { customer: { number: customerNumber } };
  const identity = {
    orgId: persona.providerOrgId,
    id: callId,
    createdAt: created,
    updatedAt: created,
    type: CALL_TYPES[direction],
    assistantId,
  };
  const sid = `CA${random.text(32, HEX)}`;
  const room = `https://vapi.daily.co/${random.text(20, HEX)}`;
  const call =
    direction === "web"
      ? { ...identity, webCallUrl: room, transport: { provider: "daily", callUrl: room }, status: "queued" }
      : {
          ...identity,
          phoneCallProvider: "twilio",
          phoneCallProviderId: sid,
          phoneCallTransport: "pstn",
          transport: { provider: "twilio", conversationType: "voice", callSid: sid },
          ...(own.phoneNumberId === null ? {} : { phoneNumberId: own.phoneNumberId }),
          ...customer,
          monitor: monitorOf(callId),
          status: direction === "inbound" ? "ringing" : "queued",
        };
  return {
    call,
    customer,
    phoneNumber: direction === "web" ? {} : phoneNumberOf(persona, own),
    assistant: { assistant: assistantOf(persona) },
  };
}

function monitorOf(callId: string): JsonObject {
  const socket = `phone-call-websocket.aws-us-west-2-backend-production1.vapi.ai/${callId}`;
  return { listenUrl: `wss://${socket}/listen`, controlUrl: `https://${socket}/control` };
}

/** Vapi repeats the settings of the number, including the credentials of the telephone company. */
function phoneNumberOf(persona: Persona, { ourNumber, phoneNumberId }: OwnNumber): JsonObject {
  const random = randomFrom("number", persona.phoneNumberId);
  return {
    phoneNumber: {
      ...(phoneNumberId === null ? {} : { id: phoneNumberId }),
      orgId: persona.providerOrgId,
      status: "active",
      provider: "twilio",
      ...(ourNumber === null ? {} : { number: ourNumber }),
      twilioAccountSid: `AC${random.text(32, HEX)}`,
      twilioAuthToken: random.text(32, HEX),
      name: `${persona.company} line`,
    },
  };
}

function assistantOf(persona: Persona): JsonObject {
  return {
    name: `${persona.company} receptionist`,
    firstMessage: persona.greeting,
    model: {
      provider: "openai",
      model: "gpt-4o",
      messages: [{ role: "system", content: persona.instructions }],
    },
    voice: { provider: "vapi", voiceId: persona.voiceId },
  };
}
