import { z } from "zod";
import type { Pool } from "../client/pool.ts";
import { runForOne, sqlFunction } from "../client/run-function.ts";

/** The times at which deliveries of an account last verified, and were last refused, in milliseconds since 1970. */
export type AccountContact = {
  readonly accountId: string;
  readonly verifiedAt: number | null;
  readonly refusedAt: number | null;
  readonly refusal: string | null;
};

const NOTE = sqlFunction("call_ledger.note_account_contacts", { contacts: "jsonb" }, z.unknown());

/** Stores the contacts of accounts, with each account once. Throws DbError. */
export async function noteAccountContacts(
  pool: Pool,
  contacts: readonly AccountContact[],
  deadlineMs: number,
): Promise<void> {
  const instant = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  const rows = contacts.map(({ accountId, verifiedAt, refusedAt, refusal }) => ({
    account_id: accountId,
    verified_at: instant(verifiedAt),
    refused_at: instant(refusedAt),
    refusal,
  }));
  await pool.run((sql) => runForOne(sql, NOTE, { contacts: rows }), deadlineMs);
}
