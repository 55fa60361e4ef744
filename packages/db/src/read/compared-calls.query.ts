import type { Instant, LackedPart, MissingReason } from "@call-ledger/domain";
import { LACKED_PARTS, MISSING_REASONS } from "@call-ledger/domain";
import { z } from "zod";
import type { Pool } from "../client/pool.ts";
import { parsedRow } from "../client/run-function.ts";
import { instantText, pageIn, placeOf } from "./keyset.ts";
import { readAs } from "./reader-session.ts";

/**
 * The calls behind one number of `DayCompleteness`. `reason`: a key of `missing` or `repaired`; `null`: all of them.
 */
export type ComparedSelection = {
  readonly account: string;
  /** A day of the organization's calendar as `YYYY-MM-DD`. */
  readonly day: string;
  readonly part: "listed" | "ours" | "missing" | "repaired" | "gone" | "unlisted";
  readonly reason: LackedPart | MissingReason | null;
};

const rowSchema = z.object({
  providerCallId: z.string(),
  /** `null`: the ledger does not have the call. */
  callId: z.uuid().nullable(),
  createdAt: z.coerce.date().transform((date): Instant => date.getTime()),
  place: z.string(),
  lacked: z.enum(LACKED_PARTS).nullable(),
  missing: z.enum(MISSING_REASONS).nullable(),
  listed: z.boolean(),
});
export type ComparedCall = z.output<typeof rowSchema>;

const placeSchema = z.tuple([z.literal("compared"), instantText, z.string().max(200)]);

/** Each part is a condition on the rows that `call_ledger.completeness_of_days` counts. */
const QUERY = `
  with bounds as (
    select $3::date::timestamp at time zone o.time_zone as starts_at,
      ($3::date + 1)::timestamp at time zone o.time_zone as ends_at
    from public.organizations o where o.id = $1::uuid
  ), compared as (
    select p.provider_call_id, p.call_id, p.created_at as at, p.lacked, p.missing, true as listed
    from bounds b
    join call_ledger.compared_calls() p on p.org_id = $1::uuid and p.provider_account_id = $2::uuid
      and p.created_at >= b.starts_at and p.created_at < b.ends_at
    where $4::text <> 'unlisted'
    union all
    select k.provider_call_id, k.call_id, k.started_at, null, null, false
    from bounds b
    join call_ledger.calls_not_listed() k on k.org_id = $1::uuid and k.provider_account_id = $2::uuid
      and k.started_at >= b.starts_at and k.started_at < b.ends_at
    where $4::text = 'unlisted'
  )
  select provider_call_id as "providerCallId", call_id as "callId", at as "createdAt", at::text as place, lacked, missing,
    listed
  from compared
  where case $4::text
      when 'listed' then missing is distinct from 'gone'
      when 'ours' then missing is null
      when 'missing' then missing <> 'gone' and missing = coalesce($5::text, missing)
      when 'repaired' then missing is null and lacked = coalesce($5::text, lacked)
      when 'gone' then missing = 'gone'
      else true end
    and ($6::timestamptz is null or (at, provider_call_id) > ($6::timestamptz, $7::text))
  order by at, provider_call_id
  limit $8::integer`;

/**
 * Returns a page of the calls behind one number of an organization's completeness, oldest first. Throws CursorRefused
 * and DbError.
 */
export async function listComparedCalls(
  pool: Pool,
  orgId: string,
  {
    selection: { account, day, part, reason },
    limit,
    cursor,
  }: {
    readonly selection: ComparedSelection;
    readonly limit: number;
    readonly cursor?: string | undefined;
  },
  deadlineMs: number,
) {
  const [, at, id] = cursor === undefined ? [null, null, null] : placeOf(placeSchema, cursor);
  const found = await readAs(
    pool,
    orgId,
    (sql) => sql.unsafe(QUERY, [orgId, account, day, part, reason, at, id, limit + 1]),
    deadlineMs,
  );
  const rows = found.map((row) => parsedRow(rowSchema, { ...row }));
  return pageIn(rows, limit, (last) => ["compared", last.place, last.providerCallId]);
}
