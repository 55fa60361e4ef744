import postgres from "postgres";
import type { FunctionCall } from "./function.arguments.ts";

/**
 * Returns the transactions per second of `clients` connections that run the write function with one delivery per
 * transaction, over the api's driver and prepared statements. Each call is made once.
 */
export async function directTransactionsPerSecond(
  url: string,
  calls: readonly FunctionCall[],
  clients: number,
): Promise<number> {
  const sql = postgres(url, { max: clients, fetch_types: false });
  let place = 0;
  const client = async () => {
    for (let next = calls[place++]; next !== undefined; next = calls[place++]) {
      await sql.unsafe(next.statement, [...next.parameters], { prepare: true });
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: clients }, client));
  const seconds = (performance.now() - startedAt) / 1000;
  await sql.end();
  return calls.length / seconds;
}
