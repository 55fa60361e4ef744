import type { Pool } from "../client/pool.ts";

/** Whose API key it is, and what it may do. */
export type AuthenticatedKey = {
  readonly id: string;
  /** `null`: the operator's. */
  readonly orgId: string | null;
  readonly scopes: readonly string[];
};

/** Looks a key up by the SHA-256 of its text; `null`: there is no such key, or it was revoked. Throws DbError. */
export async function authenticateKey(
  pool: Pool,
  hash: Uint8Array,
  deadlineMs: number,
): Promise<AuthenticatedKey | null> {
  const rows = await pool.run(
    (sql) =>
      sql.unsafe("select call_ledger.authenticate_key(decode($1::text, 'hex'))::text as found", [
        Buffer.from(hash).toString("hex"),
      ]),
    deadlineMs,
  );
  const found = JSON.parse(String(rows[0]?.found ?? null));
  return found === null ? null : { id: found.id, orgId: found.org_id, scopes: found.scopes };
}
