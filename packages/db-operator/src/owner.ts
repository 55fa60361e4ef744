import { ownerConnection } from "@call-ledger/db/client";
import { toDbError } from "@call-ledger/db/errors";
import type postgres from "postgres";

/** A connection as the database's owner, who can see and change the rows of all organizations. */
export type Owner = {
  /** Runs queries. Throws DbError for every error of the driver or `work`. */
  run<T>(work: (sql: postgres.Sql) => Promise<T>): Promise<T>;
};

/**
 * Opens a connection as the database's owner, with `name` as its application name in pg_stat_activity, and closes it
 * when `work` is done. Throws the errors of `work`: DbError from the functions that take an Owner.
 */
export async function withOwner<T>(
  ownerUrl: string,
  work: (owner: Owner) => Promise<T>,
  name = "call-ledger ops",
): Promise<T> {
  const sql = ownerConnection(ownerUrl, name);
  try {
    return await work({
      run: (queries) =>
        queries(sql).catch((error: unknown) => {
          throw toDbError(error);
        }),
    });
  } finally {
    await sql.end({ timeout: 1 });
  }
}
