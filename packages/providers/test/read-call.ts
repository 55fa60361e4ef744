import type { CallEvent } from "@call-ledger/domain";
import { readVapi } from "../src/vapi/read.ts";

/** Reads a body about a call. Throws if it is about something else. */
export function callIn(bytes: Uint8Array) {
  const delivery = readVapi(bytes);
  if (delivery.reads !== "call") throw new Error(`reads ${delivery.reads}`);
  return delivery;
}

export function eventsIn(bytes: Uint8Array): readonly CallEvent[] {
  return callIn(bytes).events;
}
