import { z } from "zod";
import type { Pool } from "../client/pool.ts";
import { runForOne, sqlFunction } from "../client/run-function.ts";

const keySchema = z.object({
  id: z.string(),
  /** `null`: the operator's. */
  orgId: z.string().nullable(),
  scopes: z.array(z.string()),
});

/** Whose API key it is, and what it may do. */
export type AuthenticatedKey = Readonly<z.output<typeof keySchema>>;

const AUTHENTICATE = sqlFunction("call_ledger.authenticate_key", { hash: "bytea" }, keySchema.nullable());

/** Looks a key up by the SHA-256 of its text; `null`: there is no such key, or it was revoked. Throws DbError. */
export function authenticateKey(
  pool: Pool,
  hash: Uint8Array,
  deadlineMs: number,
): Promise<AuthenticatedKey | null> {
  return pool.run((sql) => runForOne(sql, AUTHENTICATE, { hash }), deadlineMs);
}
