import { PLATFORM_ACCOUNTS } from "@call-ledger/db/accounts";
import type { Pool } from "@call-ledger/db/client";
import type { DeliveryToRecord } from "@call-ledger/db/write";
import { recordDeliveries } from "@call-ledger/db/write";
import { ingestWebhook } from "@call-ledger/ingest";
import { vapi, vapiCredential } from "@call-ledger/providers/testing/vapi";
import { signDelivery } from "@call-ledger/simulator";
import postgres from "postgres";

/** One call of the write function: the statement that the api prepares, and what it binds to it. */
export type FunctionCall = { readonly statement: string; readonly parameters: readonly string[] };

const SECRET = "bench";

/**
 * What the api sends to Postgres for each body, one delivery a call: the api's own path from the request to the driver,
 * with the driver's query taken down instead of sent. Bodies that book nothing have no call.
 */
export async function functionCalls(bodies: readonly string[]): Promise<FunctionCall[]> {
  const calls: FunctionCall[] = [];
  const pool = recordingPool(calls);
  await readBodies(bodies, async (delivery) => {
    const [outcome] = await recordDeliveries(pool, [delivery], { transport: "prepared", deadlineMs: 1_000 });
    if (outcome === undefined) throw new Error("a delivery without an outcome");
    return outcome;
  });
  return calls;
}

/** What the api makes of bodies before it books them; those that book nothing are left out. */
export async function deliveriesOf(bodies: readonly string[]): Promise<DeliveryToRecord[]> {
  const deliveries: DeliveryToRecord[] = [];
  await readBodies(bodies, async (delivery) => {
    deliveries.push(delivery);
    return { outcome: "applied", reason: null, providerAgentId: null };
  });
  return deliveries;
}

type Ports = Parameters<typeof ingestWebhook>[0];

async function readBodies(bodies: readonly string[], book: Ports["book"]): Promise<void> {
  const account = { id: PLATFORM_ACCOUNTS[vapi.provider] ?? "", credential: vapiCredential(SECRET) };
  const ports: Ports = {
    adapterOf: () => vapi,
    accountOf: async () => account,
    book,
    now: Date.now,
  };
  for (const body of bodies) {
    const headers = signDelivery(body, SECRET, Date.now());
    const request = { method: "POST", url: "/", headers, body: Buffer.from(body) };
    await ingestWebhook(ports, { adapter: vapi, accountId: null, request });
  }
}

function recordingPool(calls: FunctionCall[]): Pool {
  const unsafe = async (statement: string, parameters: readonly unknown[] = []) => {
    calls.push({ statement, parameters: parameters.map(String) });
    return [];
  };
  // Never connects: the driver opens connections with its first query, and the only one it gets is taken down.
  const sql = Object.assign(postgres("postgres://nobody@127.0.0.1:1/none", { max: 1 }), { unsafe });
  const usage = { name: "recording", most: 1, running: 0, waiting: 0, replaced: 0 };
  return { run: (query) => query(sql), usage: () => usage, close: async () => undefined };
}
