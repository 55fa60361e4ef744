export type { Booked, BookingOptions } from "./book-deliveries.ts";
export { bookDeliveries } from "./book-deliveries.ts";
export type { DeliveryToRecord, KeyedEvent } from "./delivery-document.ts";
export { packPayload, referenceOf, unpackPayload } from "./payload-codec.ts";
export type { PayloadReferences } from "./payload-references.ts";
export { payloadReferences } from "./payload-references.ts";
export type { DeliveryOutcome, EventOutcome, Transport } from "./record-deliveries.ts";
export { recordDeliveries } from "./record-deliveries.ts";
export { replayWaiting } from "./replay-waiting.ts";
