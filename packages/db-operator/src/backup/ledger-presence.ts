import { withOwner } from "../owner.ts";

/** Which database a URL leads to, and whether a ledger is in it. Throws DbError. */
export async function ledgerPresence(
  ownerUrl: string,
): Promise<{ readonly database: string; readonly present: boolean }> {
  const [row] = await withOwner(
    ownerUrl,
    ({ run }) =>
      run(
        (sql) => sql`
      select current_database() as database, to_regclass('call_ledger.schema_state') is not null as present`,
      ),
    "call-ledger restore",
  );
  return { database: String(row?.database), present: row?.present === true };
}
