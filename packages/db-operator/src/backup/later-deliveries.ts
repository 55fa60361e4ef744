import { packPayload, referenceOf, unpackPayload } from "@call-ledger/db/write";
import type { Prompt } from "@call-ledger/domain";
import { withPrompts } from "@call-ledger/domain";
import type postgres from "postgres";
import { withOwner } from "../owner.ts";

/** A booked event with its ids in the ledger. */
export type BookedEvent = { readonly orgId: string; readonly eventId: string; readonly eventType: string };

/** An event that was booked after a moment, with the data to book its delivery again. */
export type LaterDelivery = {
  readonly event: BookedEvent;
  readonly provider: string;
  /** The provider accounts to which it may have come: one, or several that share the provider's call. */
  readonly accountIds: readonly string[];
  readonly providerDeliveryId: string | null;
  readonly receivedAt: Date;
  /**
   * The payload, packed without a reference; `null`: another event of its delivery has it, it was not stored, or it is
   * too old.
   */
  readonly payload: Buffer | null;
};

/** Rows have the time at which their transaction began, and a snapshot does not see later commits. */
export const MARGIN = "10 minutes";

/** How a restore shows itself, and how long one of its statements may run. */
export const OF_RESTORE = { name: "call-ledger restore", statementMs: 600_000 } as const;
const AT_ONCE = 500;

/**
 * All deliveries that were booked since a moment, and a little before it. Booking a booked delivery again changes
 * nothing.
 */
export async function* laterDeliveries(
  tx: postgres.TransactionSql,
  since: Date,
): AsyncGenerator<LaterDelivery> {
  // A ledger that was restored from an older backup may have no table of prompts.
  const [{ older }] = await tx<[{ older: boolean }]>`select to_regclass('public.prompts') is null as older`;
  const booked = tx`
    select e.org_id, e.event_id, e.event_type, e.provider, e.provider_delivery_id, e.received_at, e.payload,
      array_to_string(array(
        select r.provider_account_id from public.call_routes r
        where r.provider_call_id = e.provider_call_id and r.org_id = e.org_id), ' ') as accounts,
      (select o.payload from public.processed_webhook_events o
       where o.org_id = e.org_id and o.provider = e.provider and o.provider_call_id = e.provider_call_id
         and o.payload is not null and length(e.payload) > 7 and get_byte(e.payload, 0) = 2
         and starts_with(split_part(o.event_id, ':', 2),
           translate(encode(substring(e.payload from 2 for 6), 'base64'), '+/', '-_'))) as referred,
      ${tx.unsafe(older ? "null::jsonb" : PROMPTS)} as prompts
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
        payload: readableAlone(row.payload, row.referred, row.prompts ?? []),
      };
    }
  }
}

/** The prompts to which a payload refers. */
const PROMPTS = `
  case when e.payload is not null then (
    select jsonb_agg(jsonb_build_object('hash', p.hash, 'text', p.text))
    from public.calls c
    join public.call_prompts r on r.org_id = c.org_id and r.call_id = c.id
    join public.prompts p on p.org_id = r.org_id and p.hash = r.hash
    where c.org_id = e.org_id and c.provider = e.provider and c.provider_call_id = e.provider_call_id) end`;

/** Makes a payload readable without its reference, because the row that it refers to may not be saved. */
function readableAlone(
  payload: Buffer | null,
  referred: Buffer | null,
  prompts: readonly Prompt[],
): Buffer | null {
  if (payload === null) return null;
  const isWhole = referenceOf(payload) === null;
  if (isWhole && prompts.length === 0) return payload;
  if (!isWhole && referred === null) return null;
  const text = unpackPayload(payload, referred === null ? undefined : unpackPayload(referred));
  return packPayload(withPrompts(text, prompts));
}

/** Those of these events that are not booked. Throws DbError. */
export function unbookedAmong(ownerUrl: string, events: readonly BookedEvent[]): Promise<BookedEvent[]> {
  const unbookedIn = async (sql: postgres.ISql) => {
    const unbooked: BookedEvent[] = [];
    for (let place = 0; place < events.length; place += AT_ONCE) {
      const some = events.slice(place, place + AT_ONCE);
      const ids = JSON.stringify(some.map(({ orgId, eventId }, index) => ({ orgId, eventId, index })));
      const rows = await sql`
        select a.index from jsonb_to_recordset(${ids}::text::jsonb) as a ("orgId" uuid, "eventId" text, index integer)
        where not exists (
          select from public.processed_webhook_events e where e.org_id = a."orgId" and e.event_id = a."eventId")
        order by 1`;
      unbooked.push(...rows.flatMap(({ index }) => some[index] ?? []));
    }
    return unbooked;
  };
  return withOwner(ownerUrl, ({ run }) => run(unbookedIn), OF_RESTORE);
}
