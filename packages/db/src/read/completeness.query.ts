import type { Instant, LackedPart, MissingReason } from "@call-ledger/domain";
import { LACKED_PARTS, MISSING_REASONS } from "@call-ledger/domain";
import { z } from "zod";
import type { Pool, Sql } from "../client/pool.ts";
import { parsedRow, runFunction, sqlFunction } from "../client/run-function.ts";
import { readAs } from "./reader-session.ts";

/**
 * Days of an organization's calendar as `YYYY-MM-DD`, both included; `null`: the last `days` (default 30) until today.
 */
export type DayRange = { readonly from: string | null; readonly to: string | null; readonly days?: number };

const instant = z.coerce.date().transform((date): Instant => date.getTime());

/** The calls that the provider has listed, by the part that the ledger lacked and the reason why it lacks the call. */
const countsSchema = z.array(
  z.object({
    lacked: z.enum(LACKED_PARTS).nullable(),
    missing: z.enum(MISSING_REASONS).nullable(),
    calls: z.number(),
  }),
);
type Counts = z.output<typeof countsSchema>;

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
  isComplete: z.boolean(),
  unlisted: z.number(),
  counts: countsSchema,
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
  /** Whether the day is over and was not compared as a whole, although the comparison began before it. */
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
 * The number of days for which the notes of comparisons are kept: longer than any provider keeps its calls. An older
 * day counts as not compared.
 */
export const COMPARISON_DAYS = 100;
const DAY_MS = 86_400_000;

/** Reads all organizations that the session may see, or one (`completeness_of_days`). */
const QUERY = `
  select org_id, time_zone, account_id, provider, compared_until, day::text as day, is_over, is_compared, is_behind,
    is_complete, unlisted, counts
  from call_ledger.completeness_of_days($1::uuid, $2::date, $3::date, $4::integer)
  order by org_id, account_id, day`;

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

const ofAccountSchema = z
  .object({
    orgId: z.string(),
    accountId: z.string(),
    day: z.string(),
    isCompared: z.boolean(),
    counts: countsSchema,
  })
  .transform(({ counts, ...row }) => ({ ...row, ...countsOf(counts) }));

/** One day of one account and one organization. All values are ids, dates and counts. */
export type DayOfAccount = Readonly<z.output<typeof ofAccountSchema>>;

const OF_ACCOUNTS = sqlFunction("call_ledger.account_days", { most: "integer" }, ofAccountSchema);

/**
 * Returns the last seven days that are over of all accounts and organizations, at most `max` of them: those that lacked
 * the most calls first. It is for the operator. Throws DbError.
 */
export function readDaysOfAccounts(pool: Pool, max: number, deadlineMs: number): Promise<DayOfAccount[]> {
  return pool.run((sql) => runFunction(sql, OF_ACCOUNTS, { most: max }), deadlineMs);
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
     where p.missing = 'unknown_agent' and p.org_id is null and p.created_at > now() - make_interval(days => $1::integer)
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

function dayOf({ day, isOver, isCompared, isBehind, isComplete, counts, ...row }: Row): DayCompleteness {
  return {
    day,
    ...countsOf(counts),
    // Until a day is over and compared, the list has not shown all of its calls.
    unlisted: isOver && isCompared ? row.unlisted : 0,
    compared: isCompared,
    behind: isBehind,
    complete: isComplete && isCompared,
  };
}

function countsOf(counts: Counts) {
  const ours = counts.filter(({ missing }) => missing === null);
  const missing = counts.filter((count) => count.missing !== null && count.missing !== "gone");
  return {
    providerCalls: sumOf(ours) + sumOf(missing),
    ours: sumOf(ours),
    difference: sumOf(missing),
    repaired: sumsBy(ours, "lacked"),
    missing: sumsBy(missing, "missing"),
    gone: sumOf(counts.filter((count) => count.missing === "gone")),
  };
}

function sumOf(counts: Counts): number {
  return counts.reduce((total, { calls }) => total + calls, 0);
}

function sumsBy<Word extends "lacked" | "missing">(
  counts: Counts,
  word: Word,
): Partial<Record<NonNullable<Counts[number][Word]>, number>> {
  const sums = new Map<string, number>();
  for (const count of counts) {
    const key = count[word];
    if (key !== null) sums.set(key, (sums.get(key) ?? 0) + count.calls);
  }
  return Object.fromEntries(sums) as ReturnType<typeof sumsBy<Word>>;
}
