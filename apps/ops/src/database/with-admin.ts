import type { Environment } from "@call-ledger/config";
import type { Admin } from "@call-ledger/db-operator/admin";
import { openAdmin } from "@call-ledger/db-operator/admin";
import { databaseFailure } from "./database-failure.ts";
import { ownerUrl } from "./owner-url.ts";

/** Works on the database as its owner, and lets go of it. Database errors come out as OpsError. */
export async function withAdmin<T>(
  env: Environment,
  work: (admin: Admin, url: string) => Promise<T>,
): Promise<T> {
  const url = ownerUrl(env);
  const admin = openAdmin(url);
  try {
    return await work(admin, url);
  } catch (error) {
    throw databaseFailure(error, url) ?? error;
  } finally {
    await admin.close();
  }
}
