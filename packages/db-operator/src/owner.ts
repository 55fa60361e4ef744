import { boundedTransaction, ownerConnection } from "@call-ledger/db/client";
import type postgres from "postgres";

/** A connection as the database's owner, who can see and change the rows of all organizations. */
export type Owner = {
  /** Runs queries in one transaction that ends for sure: see `boundedTransaction`. Throws DbError. */
  run<T>(work: (tx: postgres.TransactionSql) => Promise<T>): Promise<T>;
};

/** Somebody waits at a terminal. */
const STATEMENT_MS = 30_000;

/**
 * Opens a connection as the database's owner, with `name` as its application name in pg_stat_activity, and closes it
 * when `work` is done. Throws the errors of `work`: DbError from the functions that take an Owner.
 */
export async function withOwner<T>(
  ownerUrl: string,
  work: (owner: Owner) => Promise<T>,
  { name = "call-ledger ops", statementMs = STATEMENT_MS } = {},
): Promise<T> {
  await using sql = ownerConnection(ownerUrl, name);
  return await work({ run: (queries) => boundedTransaction(sql, queries, { statementMs }) });
}
