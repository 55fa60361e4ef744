import type { Channel } from "@call-ledger/domain";
import { CHANNELS } from "@call-ledger/domain";
import { DbError } from "../client/pg-error.ts";
import type { Pool } from "../client/pool.ts";
import { eventsDocument, itemText } from "./delivery-document.ts";
import type { DeliveryToBook } from "./delivery-to-book.ts";
import { recordingsOf } from "./event-items.ts";

export type LookUpOptions = {
  readonly deadlineMs: number;
  /** The channels whose recordings are queued if a call has them. Default: all. */
  readonly channels?: readonly Channel[] | undefined;
};

/**
 * Returns whether all events of some deliveries are booked already and bring nothing new. Booking them would then
 * change no row and answer `duplicate` for each. Payloads are not read. Returns `false` if it is not so, or if the
 * database did not answer; then the deliveries have to be booked.
 */
export async function areBooked(
  pool: Pool,
  deliveries: readonly DeliveryToBook[],
  { deadlineMs, channels = CHANNELS }: LookUpOptions,
): Promise<boolean> {
  const items = deliveries.map((delivery) => itemsOf(delivery, channels).map(itemText));
  const { text, deliveryOf } = eventsDocument(items);
  if (deliveryOf.length === 0) return false;
  try {
    const rows = await pool.run((sql) => sql.unsafe(LOOK_UP, [text], { prepare: true }), deadlineMs);
    return rows[0]?.booked === true;
  } catch (error) {
    if (error instanceof DbError) return false;
    throw error;
  }
}

const LOOK_UP = "select call_ledger.are_booked($1::text::jsonb) as booked";

/** Returns the parts of events that the look-up reads. */
function itemsOf({ accountId, provider, content }: DeliveryToBook, channels: readonly Channel[]): object[] {
  if ("refusal" in content) return [];
  const { providerCallId, events, wantsAgent } = content;
  return events.map(({ eventId, event }) => ({
    account_id: accountId,
    provider,
    provider_call_id: providerCallId,
    event_id: eventId,
    wants_agent: wantsAgent,
    recordings:
      event.kind === "call.reported"
        ? recordingsOf(event.report.recordings, event.sources, channels)
        : undefined,
  }));
}
