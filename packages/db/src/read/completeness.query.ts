import type { Instant, LackedPart, MissingReason } from "@call-ledger/domain";
import { LACKED_PARTS, MISSING_REASONS } from "@call-ledger/domain";
import { z } from "zod";
import type { Pool, Sql } from "../client/pool.ts";
import { parsedRow } from "../client/run-function.ts";
import { readAs } from "./reader-session.ts";

/**
 * Days of an organization's calendar as `YYYY-MM-DD`, both included; `null`: the last `days` (default 30) until today.
 */
export type DayRange = { readonly from: string | null; readonly to: string | null; readonly days?: number };

const instant = z.coerce.date().transform((date): Instant => date.getTime());

const rowSchema = z.object({
  orgId: z.string(),
  timeZone: z.string(),
  accountId: z.string(),
  provider: z.string().nullable(),
  comparedUntil: instant.nullable(),
  day: z.string(),
  isOver: z.boolean(),
  isCompared: z.boolean(),
  isBehind: z.boolean(),
  unlisted: z.number(),
  counts: z.array(
    z.object({
      lacked: z.enum(LACKED_PARTS).nullable(),
      missing: z.enum(MISSING_REASONS).nullable(),
      calls: z.number(),
    }),
  ),
});
type Row = z.output<typeof rowSchema>;

/** One day of one account of one organization. */
export type DayCompleteness = {
  readonly day: string;
  /** Calls in the provider's list that were created on this day. */
  readonly providerCalls: number;
  /** Those of `providerCalls` that the ledger has with their reports if they have ended, counted in its own calls. */
  readonly ours: number;
  /** `providerCalls` without `ours`. */
  readonly difference: number;
  /** Those of `ours` that were booked from the provider's API, by the part that the ledger lacked. */
  readonly repaired: Readonly<Partial<Record<LackedPart, number>>>;
  /** Those of `providerCalls` that are not `ours`, by the reason. */
  readonly missing: Readonly<Partial<Record<Exclude<MissingReason, "gone">, number>>>;
  /** Calls of the ledger that have no report and that the provider no longer has. Not in `providerCalls`. */
  readonly gone: number;
  /** Calls of the ledger that the provider's list did not have when the day was compared. */
  readonly unlisted: number;
  /** Whether the day was compared as a whole. */
  readonly compared: boolean;
  /** Whether the day is over, and the comparison, which began before it, has not reached its end. */
  readonly behind: boolean;
  /** Whether the day is over and was compared as a whole, and each side has the calls of the other. */
  readonly complete: boolean;
};

export type AccountCompleteness = {
  readonly orgId: string;
  /** The time zone of the days. */
  readonly timeZone: string;
  readonly accountId: string;
  /** `null`: the account was never compared: it has no API key, or its first comparison has not ended. */
  readonly provider: string | null;
  /** Every call that changed at the provider before this time was compared. */
  readonly comparedUntil: Instant | null;
  /** In the order of the calendar. */
  readonly days: readonly DayCompleteness[];
  /** The number of days that are over. `daysComplete`: those of them that are complete. */
  readonly daysOver: number;
  readonly daysComplete: number;
};

/**
 * The number of days for which the notes of comparisons are kept: longer than any provider keeps its calls. An older day
 * counts as not compared.
 */
export const COMPARISON_DAYS = 100;
const DAY_MS = 86_400_000;

/**
 * Reads all organizations that the session may see, or one. A call is missing if `calls` has no row of it, or none with
 * the report of a call that has ended, whatever the last comparison noted: it may have been booked since.
 */
const QUERY = `
  with ranges as (
    select o.id as org_id, o.time_zone,
      coalesce($2::date, coalesce($3::date, x.today) - $4::integer + 1) as first_day, coalesce($3::date, x.today) as last_day
    from public.organizations o
    cross join lateral (select (now() at time zone o.time_zone)::date as today) x
    where $1::uuid is null or o.id = $1::uuid
  ), counted as (
    select r.org_id, p.provider_account_id, (p.created_at at time zone r.time_zone)::date as day, p.lacked,
      case when k.id is null or (p.has_ended and k.awaits_report) then coalesce(p.missing, 'not_booked') end as missing,
      count(*)::int as calls
    from ranges r
    join public.provider_calls p on p.org_id = r.org_id
      and p.created_at >= r.first_day::timestamp at time zone r.time_zone
      and p.created_at < (r.last_day + 1)::timestamp at time zone r.time_zone
    join public.reconciled_accounts c on c.provider_account_id = p.provider_account_id
    left join public.calls k
      on k.org_id = p.org_id and k.provider = c.provider and k.provider_call_id = p.provider_call_id
    group by 1, 2, 3, 4, 5
  ), unlisted as (
    select r.org_id, k.provider_account_id, (s.started_at at time zone r.time_zone)::date as day, count(*)::int as calls
    from ranges r
    join public.calls k on k.org_id = r.org_id
      and coalesce(k.started_at, k.created_at) >= r.first_day::timestamp at time zone r.time_zone
      and coalesce(k.started_at, k.created_at) < (r.last_day + 1)::timestamp at time zone r.time_zone
    cross join lateral (select coalesce(k.started_at, k.created_at) as started_at) s
    where not exists (
      select from public.provider_calls p
      where p.provider_account_id = k.provider_account_id and p.provider_call_id = k.provider_call_id)
    group by 1, 2, 3
  )
  select r.org_id, r.time_zone, a.id as account_id, c.provider, c.compared_until, d.day::date::text as day,
    e.ends_at <= now() as is_over,
    coalesce(c.compared_since <= d.day::timestamp at time zone r.time_zone and e.ends_at <= c.compared_until, false)
      as is_compared,
    coalesce(
      c.compared_since <= d.day::timestamp at time zone r.time_zone and e.ends_at > c.compared_until and e.ends_at <= now(),
      false) as is_behind,
    coalesce(u.calls, 0) as unlisted,
    coalesce(k.counts, '[]') as counts
  from ranges r
  cross join lateral (
    select g.provider_account_id as id from public.agents g where g.org_id = r.org_id and g.deleted_at is null
    union
    select o.id from public.provider_accounts o where o.org_id = r.org_id
    union
    select k.provider_account_id from counted k where k.org_id = r.org_id) a
  left join public.reconciled_accounts c on c.provider_account_id = a.id and c.compared_until is not null
  cross join lateral generate_series(r.first_day, r.last_day, interval '1 day') as d (day)
  cross join lateral (
    select (d.day::date + 1)::timestamp at time zone r.time_zone as ends_at) e
  left join lateral (
    select jsonb_agg(jsonb_build_object('lacked', k.lacked, 'missing', k.missing, 'calls', k.calls)) as counts
    from counted k
    where k.org_id = r.org_id and k.provider_account_id = a.id and k.day = d.day::date) k on true
  left join unlisted u on u.org_id = r.org_id and u.provider_account_id = a.id and u.day = d.day::date
  order by r.org_id, a.id, d.day`;

/** Returns the completeness of an organization's days, by account. Throws DbError. */
export function readCompleteness(
  pool: Pool,
  orgId: string,
  range: DayRange,
  deadlineMs: number,
): Promise<AccountCompleteness[]> {
  return readAs(pool, orgId, (sql) => completenessOf(sql, orgId, range), deadlineMs);
}

/**
 * Does the same with the rights of the session: for one organization, or for all with `null`. Throws the driver's
 * errors.
 */
export async function completenessOf(
  sql: Pick<Sql, "unsafe">,
  orgId: string | null,
  { from, to, days = 30 }: DayRange,
  now: Instant = Date.now(),
): Promise<AccountCompleteness[]> {
  const found = await sql.unsafe(QUERY, [orgId, from, to, days]);
  const oldest = now - COMPARISON_DAYS * DAY_MS;
  const rows = found.map((one) => {
    const row = parsedRow(rowSchema, { ...one });
    return { ...row, isCompared: row.isCompared && Date.parse(row.day) > oldest };
  });
  const byAccount = Map.groupBy(rows, ({ orgId: org, accountId }) => `${org} ${accountId}`);
  return [...byAccount.values()].flatMap(accountOf);
}

/**
 * Returns the number of calls of the last days that no organization has, because none has their agent, by account. The
 * completeness of an organization cannot contain them. Throws the driver's errors.
 */
export async function callsOfUnknownAgents(
  sql: Pick<Sql, "unsafe">,
  days: number,
): Promise<{ readonly accountId: string; readonly calls: number }[]> {
  const rows = await sql.unsafe(
    `select p.provider_account_id as "accountId", count(*)::int as calls from public.provider_calls p
     where p.missing = 'unknown_agent' and p.created_at > now() - make_interval(days => $1::integer)
     group by 1 order by 1`,
    [days],
  );
  return rows.map((row) => parsedRow(unknownSchema, { ...row }));
}

const unknownSchema = z.object({ accountId: z.string(), calls: z.number() });

function accountOf(rows: readonly Row[]): AccountCompleteness[] {
  const [first] = rows;
  if (first === undefined) return [];
  const { orgId, timeZone, accountId, provider, comparedUntil } = first;
  const days = rows.map(dayOf);
  const over = rows.flatMap(({ isOver }, place) => (isOver ? (days[place] ?? []) : []));
  const daysComplete = over.filter(({ complete }) => complete).length;
  return [{ orgId, timeZone, accountId, provider, comparedUntil, days, daysOver: over.length, daysComplete }];
}

function dayOf({ day, isOver, isCompared, isBehind, counts, ...row }: Row): DayCompleteness {
  const sum = (some: readonly Row["counts"][number][]) => some.reduce((total, { calls }) => total + calls, 0);
  // Until a day is over and compared, the list has not shown all of its calls.
  const unlisted = isOver && isCompared ? row.unlisted : 0;
  const gone = counts.filter((count) => count.missing === "gone");
  const ours = counts.filter((count) => count.missing === null);
  const missing = counts.filter((count) => count.missing !== null && count.missing !== "gone");
  return {
    day,
    providerCalls: sum(ours) + sum(missing),
    ours: sum(ours),
    difference: sum(missing),
    repaired: sumsBy(ours, "lacked"),
    missing: sumsBy(missing, "missing"),
    gone: sum(gone),
    unlisted,
    compared: isCompared,
    behind: isBehind,
    complete: isOver && isCompared && missing.length + unlisted === 0,
  };
}

function sumsBy<Word extends "lacked" | "missing">(
  counts: readonly Row["counts"][number][],
  word: Word,
): Partial<Record<NonNullable<Row["counts"][number][Word]>, number>> {
  const sums = new Map<string, number>();
  for (const count of counts) {
    const key = count[word];
    if (key !== null) sums.set(key, (sums.get(key) ?? 0) + count.calls);
  }
  return Object.fromEntries(sums) as ReturnType<typeof sumsBy<Word>>;
}
