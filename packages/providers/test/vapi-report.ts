import type { CallEvent } from "@call-ledger/domain";
import { readVapi } from "../src/vapi/read.ts";
import { vapiMessage } from "./messages.ts";

/** Reads the event of a delivery with a report. Throws Error if the delivery has none. */
export function reported(bytes: Uint8Array): Extract<CallEvent, { kind: "call.reported" }> {
  const delivery = readVapi(bytes);
  const event = delivery.reads === "call" ? delivery.events[0] : undefined;
  if (event?.kind !== "call.reported") throw new Error("no report was read");
  return event;
}

/** Reads the report of an `end-of-call-report` with these fields. */
export function reportOf(fields: Readonly<Record<string, unknown>>) {
  return reported(vapiMessage("end-of-call-report", fields)).report;
}
