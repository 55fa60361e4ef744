import type { Pool } from "../client/pool.ts";

/** What deliveries to an organization's own account are verified against. */
export type StoredAccount = {
  readonly provider: string;
  /** Encrypted; the newest first. */
  readonly webhookSecrets: readonly Uint8Array[];
  /** Other than the provider's usual way of verifying, as it is stored. */
  readonly verification: unknown;
};

/** Finds accounts by their ids (UUIDs) in one round trip, in the order of the ids; `null`: there is none. Throws DbError. */
export async function findProviderAccounts(
  pool: Pool,
  ids: readonly string[],
  deadlineMs: number,
): Promise<(StoredAccount | null)[]> {
  const rows = await pool.run(
    (sql) =>
      sql.unsafe(
        `select call_ledger.find_provider_account(k.id::uuid)::text as account
         from unnest(string_to_array($1::text, ',')) with ordinality k (id, place) order by k.place`,
        [ids.join(",")],
      ),
    deadlineMs,
  );
  return rows.map(({ account }) => accountIn(JSON.parse(account ?? "null")));
}

type AccountDocument = { provider: string; webhook_secrets: string[]; verification: unknown };

function accountIn(found: AccountDocument | null): StoredAccount | null {
  if (found === null) return null;
  return {
    provider: found.provider,
    webhookSecrets: found.webhook_secrets.map((secret) => Buffer.from(secret, "base64")),
    verification: found.verification,
  };
}
