import type { Sql } from "./pool.ts";

/** Runs a query in a transaction, after a statement with its parameters. */
export async function transactionAfter<T>(
  sql: Sql,
  mode: "" | "read only",
  [statement, parameters]: readonly [string, string[]],
  query: (transaction: Pick<Sql, "unsafe">) => Promise<T>,
): Promise<T> {
  const { value } = await sql.begin(mode, async (transaction) => {
    await transaction.unsafe(statement, parameters);
    // Wrapped, because the driver would await an array of queries instead of returning it.
    return { value: await query(transaction) };
  });
  return value;
}
