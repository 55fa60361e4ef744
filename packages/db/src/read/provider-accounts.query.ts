import { z } from "zod";
import type { Pool } from "../client/pool.ts";
import { parsedRow } from "../client/run-function.ts";

const accountSchema = z.object({
  provider: z.string(),
  /** Encrypted secrets, newest first. */
  webhookSecrets: z.array(z.string().transform((secret): Uint8Array => Buffer.from(secret, "base64"))),
  /** The account's own way of verification, as it is stored; null for the provider's usual way. */
  verification: z.unknown(),
});

/** The data against which deliveries to an organization's own account are verified. */
export type StoredAccount = Readonly<z.output<typeof accountSchema>>;

/**
 * Finds accounts by their ids (UUIDs) in one round trip, in the order of the ids; `null` for an account that does not
 * exist. Throws DbError.
 */
export async function findProviderAccounts(
  pool: Pool,
  ids: readonly string[],
  deadlineMs: number,
): Promise<(StoredAccount | null)[]> {
  const rows = await pool.run(
    (sql) =>
      sql.unsafe(
        `select call_ledger.find_provider_account(k.id::uuid) as account
         from unnest(string_to_array($1::text, ',')) with ordinality k (id, place) order by k.place`,
        [ids.join(",")],
      ),
    deadlineMs,
  );
  return rows.map(({ account }) => parsedRow(accountSchema.nullable(), account));
}
