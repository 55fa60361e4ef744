import type { Channel } from "@call-ledger/domain";
import { CHANNELS } from "@call-ledger/domain";
import { DbError } from "../client/pg-error.ts";
import type { Pool } from "../client/pool.ts";
import { eventsDocument, itemText } from "./delivery-document.ts";
import type { DeliveryToRecord } from "./delivery-to-record.ts";
import { recordingsOf } from "./event-items.ts";

export type LookUpOptions = {
  readonly deadlineMs: number;
  /** Of which channels recordings are queued; all by default. */
  readonly channels?: readonly Channel[] | undefined;
};

/**
 * Whether everything that some deliveries say is booked already, and they bring nothing new: recording them all would
 * change no row and answer `duplicate` for each. Their payloads are not asked for. `false` where it is not so, and where
 * the database did not say so; then they have to be recorded. `pool` has to be read only: it is the write function
 * itself that looks, before it takes a lock, and what it does not find booked it cannot write there.
 */
export async function areBooked(
  pool: Pool,
  deliveries: readonly DeliveryToRecord[],
  { deadlineMs, channels = CHANNELS }: LookUpOptions,
): Promise<boolean> {
  const items = deliveries.map((delivery) => itemsOf(delivery, channels).map(itemText));
  const { text, deliveryOf } = eventsDocument(items);
  if (deliveryOf.length === 0) return false;
  try {
    const rows = await pool.run((sql) => sql.unsafe(LOOK, [text], { prepare: true }), deadlineMs);
    return rows.length === deliveryOf.length && rows.every(({ outcome }) => outcome === "duplicate");
  } catch (error) {
    if (error instanceof DbError) return false;
    throw error;
  }
}

/** On a connection that may write it looks for nothing, and finds nothing. */
const LOOK = `select outcome from public.record_deliveries(
  case current_setting('transaction_read_only') when 'on' then $1::text::jsonb else '[]' end, '{}')`;

/** What the look reads of an event; without a payload and an effect it would be booked wrongly, if it could be. */
function itemsOf({ accountId, provider, content }: DeliveryToRecord, channels: readonly Channel[]): object[] {
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
