import { MAX_COMPLETENESS_DAYS } from "@call-ledger/contract/completeness";
import type { Pool } from "@call-ledger/db/client";
import type { AccountCompleteness, DayCompleteness } from "@call-ledger/db/completeness";
import { readCompleteness } from "@call-ledger/db/completeness";
import type { ComparedCall } from "@call-ledger/db/read";
import { listComparedCalls } from "@call-ledger/db/read";
import { reading } from "../ledger-reading.ts";
import type { Handlers } from "../mount/handler.ts";
import { queryForRequest } from "../query-for-request.ts";
import { badField } from "../refusals.ts";

const DEADLINE_MS = 4_000;
const DAY_MS = 86_400_000;

/**
 * Handlers for the completeness of the ledger by account and day, and for the calls behind its numbers. `timeZoneOf`
 * reads the organization's time zone.
 */
export function completenessHandlers(
  pool: Pool,
  timeZoneOf: (orgId: string) => Promise<string | null>,
): Pick<Handlers, "getCompleteness" | "listComparedCalls"> {
  return {
    async getCompleteness({ caller: { orgId }, query: { from, to } }) {
      if (from !== undefined && to !== undefined) {
        const days = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
        if (days < 1 || days > MAX_COMPLETENESS_DAYS)
          throw badField("query.to", `is 0 to ${MAX_COMPLETENESS_DAYS - 1} days after from.`);
      } else if (from !== undefined) throw badField("query.to", "is needed with from.");
      const range = { from: from ?? null, to: to ?? null };
      const accounts = await reading(() => readCompleteness(pool, orgId, range, DEADLINE_MS));
      return {
        time_zone: accounts[0]?.timeZone ?? (await timeZoneOf(orgId)) ?? "UTC",
        accounts: accounts.map(accountView),
      };
    },

    async listComparedCalls({ caller: { orgId }, query: { account, day, part, reason, limit, cursor } }) {
      const selection = { account, day, part, reason: reason ?? null };
      const { rows, nextCursor } = await queryForRequest(() =>
        listComparedCalls(pool, orgId, { selection, limit, cursor }, DEADLINE_MS),
      );
      return { data: rows.map(comparedView), next_cursor: nextCursor };
    },
  };
}

function accountView(account: AccountCompleteness) {
  return {
    id: account.accountId,
    provider: account.provider,
    compared_until: account.comparedUntil === null ? null : new Date(account.comparedUntil).toISOString(),
    days_over: account.daysOver,
    days_complete: account.daysComplete,
    days: account.days.map(dayView),
  };
}

function dayView({ providerCalls, ...day }: DayCompleteness) {
  return { ...day, provider_calls: providerCalls };
}

function comparedView({ providerCallId, callId, createdAt, lacked, missing, listed }: ComparedCall) {
  return {
    provider_call_id: providerCallId,
    call_id: callId,
    created_at: new Date(createdAt).toISOString(),
    lacked,
    missing,
    listed,
  };
}
