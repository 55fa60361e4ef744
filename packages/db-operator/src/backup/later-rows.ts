import type postgres from "postgres";
import { withOwner } from "../owner.ts";
import { MARGIN, OF_RESTORE } from "./later-deliveries.ts";

/** A row that is put back unchanged, because booking its delivery again would not restore all of it. */
export type LaterRow = {
  readonly table: "quarantined_deliveries" | "recording_upload_queue";
  /** The values by column, as JSON. */
  readonly row: Readonly<Record<string, unknown>>;
  /** The call of a recording, whose id changes if it is booked again; `null`: the row is not a recording. */
  readonly call: { readonly provider: string; readonly providerCallId: string } | null;
};

const AT_ONCE = 200;

/**
 * Reads two kinds of rows since a moment. Quarantined deliveries: their translated events have presigned URLs that
 * their payloads lack. Changed recordings: a stored object must not be fetched again, and only they have its presigned
 * URL.
 */
export async function* laterRows(tx: postgres.TransactionSql, since: Date): AsyncGenerator<LaterRow> {
  const waiting = tx`
    select to_jsonb(q)::text as row from public.quarantined_deliveries q
    where q.received_at > ${since}::timestamptz - ${MARGIN}::interval and q.replayed_at is null`;
  for await (const rows of waiting.cursor(AT_ONCE)) {
    for (const { row } of rows) yield { table: "quarantined_deliveries", row: JSON.parse(row), call: null };
  }
  const recordings = tx`
    select to_jsonb(q)::text as row, c.provider, c.provider_call_id
    from public.recording_upload_queue q join public.calls c on c.org_id = q.org_id and c.id = q.call_id
    where q.updated_at > ${since}::timestamptz - ${MARGIN}::interval`;
  for await (const rows of recordings.cursor(AT_ONCE)) {
    for (const { row, provider, provider_call_id } of rows) {
      const call = { provider, providerCallId: provider_call_id };
      yield { table: "recording_upload_queue", row: JSON.parse(row), call };
    }
  }
}

/** Puts rows back in one transaction. It may run any number of times. Throws DbError. */
export async function putBack(ownerUrl: string, rows: readonly LaterRow[]): Promise<void> {
  const putAllBack = async (tx: postgres.TransactionSql) => {
    for (let place = 0; place < rows.length; place += AT_ONCE) {
      const some = JSON.stringify(rows.slice(place, place + AT_ONCE));
      await putBackQuarantined(tx, some);
      await putBackRecordings(tx, some);
    }
  };
  await withOwner(ownerUrl, ({ run }) => run(putAllBack), OF_RESTORE);
}

async function putBackQuarantined(tx: postgres.TransactionSql, rows: string): Promise<void> {
  await tx`
    insert into public.quarantined_deliveries
    select q.* from jsonb_array_elements(${rows}::text::jsonb) as r,
      jsonb_populate_record(null::public.quarantined_deliveries, r -> 'row') q
    where r ->> 'table' = 'quarantined_deliveries'
    on conflict do nothing`;
  await tx`
    insert into public.call_routes (provider_account_id, provider_call_id)
    select (r -> 'row' ->> 'provider_account_id')::uuid, r -> 'row' ->> 'provider_call_id'
    from jsonb_array_elements(${rows}::text::jsonb) as r
    where r ->> 'table' = 'quarantined_deliveries' and r -> 'row' ->> 'provider_call_id' is not null
    on conflict do nothing`;
}

/** The SQL that inserts the rows. A restored schema may have fewer columns than the rows. */
async function takenOver(tx: postgres.TransactionSql): Promise<string> {
  const columns = await tx`
    select format('%I = excluded.%I', attname, attname) as assignment from pg_attribute
    where attrelid = 'public.recording_upload_queue'::regclass and attnum > 0 and not attisdropped
      and attname not in ('org_id', 'call_id', 'channel', 'id', 'created_at')`;
  return columns.map(({ assignment }) => assignment).join(", ");
}

/** Puts recordings back. Locks the calls first, like every writer. An attempt that was running must be made again. */
async function putBackRecordings(tx: postgres.TransactionSql, rows: string): Promise<void> {
  const calls = await tx`
    select c.org_id, c.id, r.place from public.calls c
    join (select r, r.place from jsonb_array_elements(${rows}::text::jsonb) with ordinality as r (r, place)) r
      on c.org_id = (r.r -> 'row' ->> 'org_id')::uuid and c.provider = r.r -> 'call' ->> 'provider'
      and c.provider_call_id = r.r -> 'call' ->> 'providerCallId'
    where r.r ->> 'table' = 'recording_upload_queue'
    order by c.org_id, c.provider, c.provider_call_id for no key update of c`;
  const found = JSON.stringify(calls);
  const taken = tx.unsafe(await takenOver(tx));
  await tx`
    insert into public.recording_upload_queue as q
    select w.* from jsonb_to_recordset(${found}::text::jsonb) as c (org_id uuid, id uuid, place integer)
    cross join lateral (select (${rows}::text::jsonb) -> (c.place - 1) -> 'row' as was) r
    cross join lateral jsonb_populate_record(null::public.recording_upload_queue, r.was || jsonb_build_object(
      'call_id', c.id, 'lease_until', null, 'lease_token', null,
      'status', case when r.was ->> 'status' = 'fetching' then 'pending' else r.was ->> 'status' end)) w
    on conflict (org_id, call_id, channel) do update set ${taken}
    where q.status <> 'stored'`;
  await tx`
    select call_ledger.summarize_calls(array_agg(c.org_id), array_agg(c.id))
    from jsonb_to_recordset(${found}::text::jsonb) as c (org_id uuid, id uuid)
    having count(*) > 0`;
}
