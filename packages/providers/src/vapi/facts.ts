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
 * Returns the parties of a call, which are read in the same way from every message, because facts are part of an
 * event's identity. Transient assistants and squads have no `call.assistantId`. Then the assistant at work is the
 * call's agent, else the first one that was activated, else the squad, by which an agent may be registered. `customer`
 * is the other party in both directions.
 */
export function factsOf(message: Message): CallFacts {
  const { call, phoneNumber, customer } = message;
  return {
    providerAgentId: agentIdOf(message),
    providerPhoneNumberId:
      call.phoneNumberId ?? message.phoneNumberId ?? phoneNumber.id ?? call.phoneNumber.id,
    ourNumber: numberOf(phoneNumber, call.phoneNumber),
    customerNumber: numberOf(customer, call.customer),
    customerName: customer.name ?? call.customer.name,
    forwardedTo:
      destinationOf(message.destination) ??
      destinationOf(call.destination) ??
      message.forwardedPhoneNumber ??
      call.forwardedPhoneNumber ??
      transferredTo(message.artifact.transfers),
    carrierCallId: carrierCallIdOf(message),
    direction: DIRECTIONS.get(call.type ?? "") ?? "unknown",
  };
}

function agentIdOf({ call, assistant, assistantId, artifact, squadId, squad }: Message): string | null {
  const activations = [...artifact.assistantActivations, ...call.artifact.assistantActivations];
  const assistants = [call.assistantId, assistant.id, call.assistant.id, assistantId];
  const activated = activations.map((one) => one.assistantId);
  const squads = [call.squadId, call.squad.id, squadId, squad.id];
  const members = [...call.squad.members, ...squad.members].map((one) => one.assistantId ?? one.assistant.id);
  return [...assistants, ...activated, ...squads, ...members].find((id) => id !== null) ?? null;
}

/** Returns Vapi's field for the carrier's id of the call, else the carrier's own. */
function carrierCallIdOf({ phoneCallProviderId, transport, call }: Message): string | null {
  const named = [phoneCallProviderId, call.phoneCallProviderId];
  const own = [call.transport, transport, call.phoneCallProviderDetails].flatMap((carrier) => [
    carrier.callSid,
    carrier.callControlId,
    carrier.callUUID,
    carrier.conversationUUID,
    carrier.sbcCallSid,
    carrier.sbcCallId,
  ]);
  return [...named, ...own].find((id) => id !== null) ?? null;
}

/** Returns the number or SIP address of a transfer; `null` if it goes to another assistant. */
export function destinationOf({ number, phoneNumber, sipUri }: Message["destination"]): string | null {
  return number ?? phoneNumber ?? sipUri;
}

/** Returns the destination of the last successful transfer, else of the last attempted one. */
export function transferredTo(transfers: Message["artifact"]["transfers"]): string | null {
  const tried = transfers.filter((transfer) => destinationOf(transfer.destination) !== null);
  const last = tried.findLast(({ status }) => status === "completed") ?? tried.at(-1);
  return last === undefined ? null : destinationOf(last.destination);
}

type Party = Message["customer"];

/**
 * Prefers a telephone number to a SIP address or a word such as `anonymous`, then the message's own value to the
 * snapshot's.
 */
function numberOf(own: Party, snapshot: Party): string | null {
  const named = [own, snapshot].flatMap(({ number, twilioPhoneNumber }) => [number, twilioPhoneNumber]);
  const known = [...named, own.sipUri, snapshot.sipUri].filter((one) => one !== null);
  return known.find(isTelephoneNumber) ?? known[0] ?? null;
}
