import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import type { Pool } from "@call-ledger/db/client";
import type { DeliveryToBook } from "@call-ledger/db/write";
import { recordDeliveries } from "@call-ledger/db/write";
import { readAgain } from "@call-ledger/ingest";
import { vapi } from "@call-ledger/providers/testing/vapi";
import postgres from "postgres";

/** One call of the write function: the statement that the api prepares, and its parameters. */
export type FunctionCall = { readonly statement: string; readonly parameters: readonly string[] };

/**
 * Returns the statement and parameters that the api sends to Postgres for each body, with one delivery per call. The
 * api's own code turns a body into a query; the query is captured instead of sent. A body that books nothing has no
 * call.
 */
export async function functionCalls(bodies: readonly string[]): Promise<FunctionCall[]> {
  const calls: FunctionCall[] = [];
  const pool = recordingPool(calls);
  for (const delivery of deliveriesOf(bodies)) {
    await recordDeliveries(pool, [delivery], { transport: "prepared", deadlineMs: 1_000 });
  }
  return calls;
}

/** Returns the deliveries that the api makes of bodies before it books them, without bodies that book nothing. */
export function deliveriesOf(bodies: readonly string[]): DeliveryToBook[] {
  const accountId = PLATFORM_ACCOUNTS[vapi.provider] ?? "";
  return bodies.flatMap((body) => {
    const read = readAgain({ provider: vapi.provider, accountId, receivedAt: new Date() }, body);
    return read.reads === "delivery" ? [read.delivery] : [];
  });
}

function recordingPool(calls: FunctionCall[]): Pool {
  const unsafe = async (statement: string, parameters: readonly unknown[] = []) => {
    calls.push({ statement, parameters: parameters.map(String) });
    return [];
  };
  // This client never connects: the driver opens a connection for its first query, and every query is captured.
  const sql = Object.assign(postgres("postgres://nobody@127.0.0.1:1/none", { max: 1 }), { unsafe });
  const usage = { name: "recording", max: 1, running: 0, waiting: 0, replaced: 0 };
  return { run: (query) => query(sql), usage: () => usage, close: async () => undefined };
}
