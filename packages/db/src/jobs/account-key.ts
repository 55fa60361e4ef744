import type { WorkerSession } from "./worker-session.ts";

/** The encrypted API key of an organization's own account; `null`: the account has none, or is not the organization's. Throws DbError. */
export async function findAccountApiKey(
  session: WorkerSession,
  { providerAccountId, orgId }: { readonly providerAccountId: string; readonly orgId: string },
): Promise<Uint8Array | null> {
  const rows = await session.run((sql) =>
    sql.unsafe("select call_ledger.find_account_api_key($1::uuid, $2::uuid) as key", [
      providerAccountId,
      orgId,
    ]),
  );
  return rows[0]?.key ?? null;
}
