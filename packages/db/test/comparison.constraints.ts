import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import { PLATFORM_ACCOUNT } from "../src/testing/index.ts";

type Ids = { readonly org: string; readonly call: string };

/** Inserts a row into each table of the comparison with providers, and of the changes for streams. */
export async function comparisonRows(sql: postgres.Sql, { org, call }: Ids): Promise<void> {
  await sql`delete from call_changes`;
  await sql`insert into call_changes (changed_xid, org_id, call_id) values ('1', ${org}, ${call})`;
  await sql`insert into call_change_epochs default values on conflict do nothing`;
  await sql`insert into reconciled_accounts (provider_account_id, provider) values (${PLATFORM_ACCOUNT}, 'vapi')
    on conflict do nothing`;
  await sql`insert into provider_calls (provider_account_id, provider_call_id, org_id, created_at, has_ended)
    values (${PLATFORM_ACCOUNT}, 'c1', ${org}, now(), true)`;
}

/** Returns, by constraint or unique index of these tables, a statement that violates it and no other. */
export function comparisonBreaks({ org, call }: Ids): Record<string, string> {
  const stranger = randomUUID();
  const named = (account: string, id: string, whose: string) =>
    `insert into provider_calls (provider_account_id, provider_call_id, org_id, created_at, has_ended)
     values ('${account}', '${id}', '${whose}', now(), true)`;
  return {
    call_changes_pkey: `insert into call_changes (changed_xid, org_id, call_id) values ('1', '${org}', '${call}')`,
    call_change_epochs_pkey: "insert into call_change_epochs default values",
    call_change_epochs_one_row: "insert into call_change_epochs (one_row) values (false)",
    reconciled_accounts_pkey: `insert into reconciled_accounts (provider_account_id, provider) values ('${PLATFORM_ACCOUNT}', 'vapi')`,
    reconciled_accounts_provider_account_fkey: `insert into reconciled_accounts (provider_account_id, provider) values ('${stranger}', 'vapi')`,
    reconciled_accounts_org_id_fkey: `update reconciled_accounts set org_id = '${stranger}'`,
    provider_calls_pkey: named(PLATFORM_ACCOUNT, "c1", org),
    provider_calls_provider_account_fkey: named(stranger, "c2", org),
    provider_calls_org_id_fkey: named(PLATFORM_ACCOUNT, "c2", stranger),
    provider_calls_provider_call_id_bounded: named(PLATFORM_ACCOUNT, "", org),
    provider_calls_lacked_known: "update provider_calls set lacked = 'luck'",
    provider_calls_missing_known: "update provider_calls set missing = 'luck'",
    provider_calls_asks_not_negative: "update provider_calls set asks = -1",
  };
}
