import type { CallFacts, Direction } from "@call-ledger/domain";
import { isTelephoneNumber } from "@call-ledger/domain";
import type { Message } from "./wire.schema.ts";

const DIRECTIONS: ReadonlyMap<string, Direction> = new Map([
  ["inboundPhoneCall", "inbound"],
  ["outboundPhoneCall", "outbound"],
  ["webCall", "web"],
  ["vapi.websocketCall", "web"],
]);

/**
 * Who a call is between, read in the same way from every message: facts are part of an event's identity.
 * Transient assistants and squads have no `call.assistantId`; the assistant at work then speaks for the call, else the
 * first one that was activated, else the squad, which an agent may be registered by.
 * `customer` is the other party in both directions.
 */
export function factsOf(message: Message): CallFacts {
  const { call, phoneNumber, customer, destination } = message;
  return {
    providerAgentId: agentIdOf(message),
    providerPhoneNumberId: call.phoneNumberId ?? phoneNumber.id ?? call.phoneNumber.id,
    ourNumber: numberOf(phoneNumber, call.phoneNumber),
    customerNumber: numberOf(customer, call.customer),
    customerName: customer.name ?? call.customer.name,
    forwardedTo: destinationOf(destination) ?? destinationOf(call.destination),
    carrierCallId: message.phoneCallProviderId ?? call.phoneCallProviderId ?? call.transport.callSid,
    direction: DIRECTIONS.get(call.type ?? "") ?? "unknown",
  };
}

function agentIdOf({ call, assistant, assistantId, artifact, squadId, squad }: Message): string | null {
  const [activated] = artifact.assistantActivations.flatMap((one) => one.assistantId ?? []);
  const assistants = [call.assistantId, assistant.id, call.assistant.id, assistantId, activated];
  const squads = [call.squadId, call.squad.id, squadId, squad.id];
  return [...assistants, ...squads].find((id) => id !== null && id !== undefined) ?? null;
}

/** The number or SIP address of a transfer; `null` where it goes to another assistant. */
export function destinationOf({ number, phoneNumber, sipUri }: Message["destination"]): string | null {
  return number ?? phoneNumber ?? sipUri;
}

type Party = Message["customer"];

/** A telephone number before a SIP address or a word such as `anonymous`, the message's own word before the snapshot's. */
function numberOf(own: Party, snapshot: Party): string | null {
  const named = [own, snapshot].flatMap(({ number, twilioPhoneNumber }) => [number, twilioPhoneNumber]);
  const known = [...named, own.sipUri, snapshot.sipUri].filter((one) => one !== null);
  return known.find(isTelephoneNumber) ?? known[0] ?? null;
}
