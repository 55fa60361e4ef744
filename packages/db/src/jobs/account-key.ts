import { z } from "zod";
import { runForOne, sqlFunction } from "../client/run-function.ts";
import type { WorkerSession } from "./worker-session.ts";

const FIND_KEY = sqlFunction(
  "call_ledger.find_account_api_key",
  { accountId: "uuid", accountOrgId: "uuid" },
  z.string().transform(bytes).nullable(),
);

/**
 * Returns the encrypted API key of an organization's own account; `null` if the account has none, or is not the
 * organization's. Throws DbError.
 */
export function findAccountApiKey(
  session: WorkerSession,
  { providerAccountId, orgId }: { readonly providerAccountId: string; readonly orgId: string },
): Promise<Uint8Array | null> {
  return session.run((sql) =>
    runForOne(sql, FIND_KEY, { accountId: providerAccountId, accountOrgId: orgId }),
  );
}

/** Reads bytes as JSON has them: `\x` and hexadecimal digits. */
function bytes(text: string): Uint8Array {
  return Buffer.from(text.slice(2), "hex");
}
