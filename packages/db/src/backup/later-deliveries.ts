import type postgres from "postgres";
import { ownerConnection } from "../client/owner-connection.ts";
import { toDbError } from "../client/pg-error.ts";

/** A booked event, as the ledger names it. */
export type BookedEvent = { readonly orgId: string; readonly eventId: string; readonly eventType: string };

/** An event that was booked after a moment, with what is needed to book its delivery again. */
export type LaterDelivery = {
  readonly event: BookedEvent;
  readonly provider: string;
  /** The provider accounts that it may have come over: one, or several that share the provider's call. */
  readonly accountIds: readonly string[];
  readonly providerDeliveryId: string | null;
  readonly receivedAt: Date;
  /** As it is stored; `null`: it is with another event of its delivery, was never there, or is too old. */
  readonly payload: Buffer | null;
};

/** A transaction's time is its begin, and a snapshot does not see what commits after it. */
export const MARGIN = "10 minutes";
const AT_ONCE = 500;

/**
 * All that was booked since a moment, and a little before: booking again what is there already changes nothing.
 */
export async function* laterDeliveries(
  tx: postgres.TransactionSql,
  since: Date,
): AsyncGenerator<LaterDelivery> {
  const booked = tx`
    select e.org_id, e.event_id, e.event_type, e.provider, e.provider_delivery_id, e.received_at, e.payload,
      array_to_string(array(
        select r.provider_account_id from public.call_routes r
        where r.provider_call_id = e.provider_call_id and r.org_id = e.org_id), ' ') as accounts
    from public.processed_webhook_events e
    where e.created_at > ${since}::timestamptz - ${MARGIN}::interval
    order by e.created_at, e.event_id`;
  for await (const rows of booked.cursor(AT_ONCE)) {
    for (const row of rows) {
      yield {
        event: { orgId: row.org_id, eventId: row.event_id, eventType: row.event_type },
        provider: row.provider,
        accountIds: row.accounts.split(" ").filter((id: string) => id !== ""),
        providerDeliveryId: row.provider_delivery_id,
        receivedAt: new Date(row.received_at),
        payload: row.payload,
      };
    }
  }
}

/** Which of these events are not booked. Throws DbError. */
export async function unbookedAmong(
  ownerUrl: string,
  events: readonly BookedEvent[],
): Promise<BookedEvent[]> {
  const sql = ownerConnection(ownerUrl, "call-ledger restore");
  try {
    const unbooked: BookedEvent[] = [];
    for (let place = 0; place < events.length; place += AT_ONCE) {
      const some = events.slice(place, place + AT_ONCE);
      const asked = JSON.stringify(some.map(({ orgId, eventId }, index) => ({ orgId, eventId, index })));
      const rows = await sql`
        select a.index from jsonb_to_recordset(${asked}::text::jsonb) as a ("orgId" uuid, "eventId" text, index integer)
        where not exists (
          select from public.processed_webhook_events e where e.org_id = a."orgId" and e.event_id = a."eventId")
        order by 1`;
      unbooked.push(...rows.flatMap(({ index }) => some[index] ?? []));
    }
    return unbooked;
  } catch (error) {
    throw toDbError(error);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
