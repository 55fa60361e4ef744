import type { AlsoNamed, CallFacts, Direction } from "@call-ledger/domain";
import { E164, telephoneRank } from "@call-ledger/domain";
import { lettersOf } from "./letters.ts";
import type { Message } from "./wire.fields.ts";

/** By the letters of Vapi's word alone: `inboundPhoneCall`. */
const DIRECTIONS: ReadonlyMap<string, Direction> = new Map([
  ["inboundphonecall", "inbound"],
  ["outboundphonecall", "outbound"],
  ["webcall", "web"],
  ["vapiwebsocketcall", "web"],
  ["inbound", "inbound"],
  ["outbound", "outbound"],
]);

/** Messages that come when a call is forwarded. Their time is the same in a redelivery. */
const TELLS_FORWARDING = new Set(["status-update", "transfer-update", "phone-call-control"]);

/**
 * Returns the parties of a call, which are read in the same way from every message, because facts are part of an
 * event's identity. An agent may be registered by any assistant of a call, by its squad, or by our own number, so all
 * of them are named. The first registered name decides whose call it is. `customer` is the other party in both
 * directions.
 */
export function factsOf({ type, message }: { readonly type: string; readonly message: Message }): CallFacts {
  const { call, phoneNumber, customer } = message;
  const [providerPhoneNumberId = null, ...phoneNumberIds] = distinct([
    call.phoneNumberId,
    message.phoneNumberId,
    phoneNumber.id,
    call.phoneNumber.id,
  ]);
  const [ourNumber = null, ...ourNumbers] = numbersOf(phoneNumber, call.phoneNumber);
  const named = agentIdsOf(message);
  const isNamed = [named[0] ?? null, providerPhoneNumberId, ourNumber].some((name) => name !== null);
  const [providerAgentId = null, ...agentIds] = isNamed ? named : atWorkIn(message);
  return {
    providerAgentId,
    providerPhoneNumberId,
    ourNumber,
    alsoNamed: namesIn({ agentIds, phoneNumberIds, ourNumbers: registrable(ourNumber, ourNumbers) }),
    customerNumber: numbersOf(customer, call.customer)[0] ?? null,
    customerName: customer.name ?? call.customer.name,
    forwardedTo:
      destinationOf(message.destination) ??
      destinationOf(call.destination) ??
      message.forwardedPhoneNumber ??
      call.forwardedPhoneNumber ??
      transferredTo([...message.transfers, ...message.artifact.transfers]),
    forwardedAt:
      TELLS_FORWARDING.has(type) && destinationOf(message.destination) !== null ? message.timestamp : null,
    carrierCallId: carrierCallIdOf(message),
    direction: directionIn(call.type) ?? directionIn(call.direction) ?? "unknown",
  };
}

function directionIn(word: string | null): Direction | undefined {
  return DIRECTIONS.get(lettersOf(word ?? ""));
}

/**
 * The assistant that the call was made with, the assistant at work, those that were activated, in their order, the
 * squad, its members, the workflow. Transient assistants have no id, and squads no `call.assistantId`.
 */
function agentIdsOf(message: Message): string[] {
  const { call, assistant, artifact, squadId, squad, workflowId, workflow } = message;
  const activations = [...artifact.assistantActivations, ...call.artifact.assistantActivations];
  const assistants = [
    call.assistantId ?? call.assistant_id,
    assistant.id,
    call.assistant.id,
    message.assistantId ?? message.assistant_id,
  ];
  const activated = activations.map((one) => one.assistantId);
  const squads = [call.squadId, call.squad.id, squadId, squad.id];
  const members = [...call.squad.members, ...squad.members].map((one) => one.assistantId ?? one.assistant.id);
  const workflows = [call.workflowId, call.workflow.id, workflowId, workflow.id];
  return distinct([...assistants, ...activated, ...squads, ...members, ...workflows]);
}

/**
 * The assistant that starts or hands over, else the one that takes over, else the one that answers at our number. It
 * counts only if nothing else says whose call it is.
 */
function atWorkIn(message: Message): string[] {
  const { newAssistant, fromAssistant, toAssistant, destination, phoneNumber, call } = message;
  const answering = [phoneNumber, call.phoneNumber].flatMap((one) => [
    one.assistantId,
    one.squadId,
    one.workflowId,
  ]);
  const places = [[newAssistant.id, fromAssistant.id], [toAssistant.id, destination.assistantId], answering];
  return places.map(distinct).find((ids) => ids.length > 0) ?? [];
}

/**
 * Returns the numbers in the form in which agents are registered. A number may be written with blanks, with an
 * extension, or in an address of SIP or another scheme. `first` is left out if it has this form already.
 */
function registrable(first: string | null, others: readonly string[]): string[] {
  const plain = [first ?? "", ...others].map((one) => one.replace(/^[a-z]+:|[@;].*$|[ ().-]/gis, ""));
  // Carriers leave the plus out. With a country's code a number has 11 digits or more.
  const numbers = plain.map((one) => (/^[1-9]\d{10,14}$/.test(one) ? `+${one}` : one));
  return distinct(numbers).filter((one) => E164.test(one) && one !== first);
}

/** An agent that is registered by none of so many is not looked for. */
const MAX_NAMES = 50;

function distinct(names: readonly (string | null)[]): string[] {
  return [...new Set(names.filter((name) => name !== null))].slice(0, MAX_NAMES);
}

function namesIn(named: AlsoNamed): AlsoNamed | null {
  return Object.values(named).some((names) => names.length > 0) ? named : null;
}

/** Returns Vapi's field for the carrier's id of the call, else the carrier's own. */
function carrierCallIdOf({ phoneCallProviderId, transport, call }: Message): string | null {
  const named = [phoneCallProviderId, call.phoneCallProviderId];
  const own = [call.transport, transport, call.phoneCallProviderDetails].flatMap((carrier) => [
    carrier.callSid,
    carrier.callControlId,
    carrier.callSessionId,
    carrier.callLegId,
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
 * Returns telephone numbers before SIP addresses and words such as `anonymous`, and the message's own values before the
 * snapshot's.
 */
function numbersOf(own: Party, snapshot: Party): string[] {
  const named = [own, snapshot].flatMap(({ number, twilioPhoneNumber }) => [number, twilioPhoneNumber]);
  const known = distinct([...named, own.sipUri, snapshot.sipUri]);
  return known.toSorted((a, b) => telephoneRank(b) - telephoneRank(a));
}
