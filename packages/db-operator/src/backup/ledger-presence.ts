import { ownerConnection, toDbError } from "@call-ledger/db/client";

/** Which database a URL leads to, and whether a ledger is in it. Throws DbError. */
export async function ledgerPresence(
  ownerUrl: string,
): Promise<{ readonly database: string; readonly present: boolean }> {
  const sql = ownerConnection(ownerUrl, "call-ledger restore");
  try {
    const [row] = await sql`
      select current_database() as database, to_regclass('call_ledger.schema_state') is not null as present`;
    return { database: String(row?.database), present: row?.present === true };
  } catch (error) {
    throw toDbError(error);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
