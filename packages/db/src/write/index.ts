export type { Booked, BookingOptions } from "./book-deliveries.ts";
export { bookDeliveries } from "./book-deliveries.ts";
export type { DeliveryToRecord, KeyedEvent } from "./delivery-document.ts";
export { areBooked } from "./look-up-deliveries.ts";
export { packPayload, unpackPayload } from "./payload-codec.ts";
export type { DeliveryOutcome, EventOutcome, Transport } from "./record-deliveries.ts";
export { recordDeliveries } from "./record-deliveries.ts";
export { replayWaiting } from "./replay-waiting.ts";
