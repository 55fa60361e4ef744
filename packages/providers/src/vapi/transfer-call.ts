import type { Json } from "@call-ledger/domain";
import { isList, isTelephoneNumber } from "@call-ledger/domain";
import type { JsonObject } from "../common/json-body.ts";
import { isObject, parseObject } from "../common/json-body.ts";
import { identifierOf } from "./wire.fields.ts";

/** Vapi's tool for transfers. Tools of several assistants have a number or a name behind it. */
const TRANSFER = /^(?:transfer|forward)[-_]?call/i;

/**
 * Returns the number or SIP address of the last transfer that the assistant asked for. Older reports name the
 * destination of a transfer only there. `null`: it asked for none, or for another assistant.
 */
export function askedTransferIn(messages: Json | null): string | null {
  if (messages === null || typeof messages !== "object" || !isList(messages)) return null;
  const asked = messages.filter(isObject).flatMap(callsIn).map(destinationIn);
  return asked.findLast((one) => one !== null) ?? null;
}

function callsIn(message: JsonObject): readonly JsonObject[] {
  const { toolCalls, tool_calls, role } = message;
  const list = [toolCalls, tool_calls].find(Array.isArray) ?? (role === "function_call" ? [message] : []);
  return list.filter(isObject).map((call: JsonObject) => (isObject(call.function) ? call.function : call));
}

function destinationIn({ name, arguments: asked, args }: JsonObject): string | null {
  if (typeof name !== "string" || !TRANSFER.test(name)) return null;
  const given = asked ?? args;
  const fields = typeof given === "string" ? parseObject(given) : given;
  const destination = identifierOf(isObject(fields) ? fields.destination : null);
  return destination !== null && isPlace(destination) ? destination : null;
}

function isPlace(destination: string): boolean {
  return isTelephoneNumber(destination) || /^sips?:/i.test(destination);
}
