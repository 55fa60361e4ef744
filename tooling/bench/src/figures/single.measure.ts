import { packPayload } from "@call-ledger/db/write";
import { openWireConnection } from "../direct/wire.connection.ts";
import { executeFrames, prepareFrames } from "../direct/wire.frames.ts";
import type { BenchLedger } from "../ledger/bench.cluster.ts";
import { openHttpConnection } from "../load/http.connection.ts";
import { signedRequest } from "../load/signed.request.ts";
import { SECRET, WEBHOOK_PATH } from "../servers/api.server.ts";
import type { LatencySummary } from "../statistics/latency.summary.ts";
import { summarizeLatencies } from "../statistics/latency.summary.ts";
import type { BenchBed } from "./bench.bed.ts";

export type SingleLatencies = { readonly delivery: LatencySummary; readonly insert: LatencySummary };

const STATEMENT = "insert";

/**
 * Deliveries one at a time, each followed by one bare INSERT of the same payload, compressed as the ledger compresses
 * it, into a table with nothing but a key: both meet the same disk in the same minute.
 */
export async function measureSingles(
  { bodies, extent }: BenchBed,
  ledger: BenchLedger,
  port: number,
  from: number,
): Promise<SingleLatencies> {
  await ledger.sql`create table bench_inserts (id uuid primary key default gen_random_uuid(), payload bytea not null)`;
  const sent = bodies(from, extent.singles);
  const signedAt = Date.now();
  const requests = sent.map((body) => signedRequest(WEBHOOK_PATH, Buffer.from(body), SECRET, signedAt));
  const inserts = sent.map((body) => executeFrames(STATEMENT, [`\\x${packPayload(body).toString("hex")}`]));
  const http = await openHttpConnection(port);
  const database = await openWireConnection(ledger.ownerUrl);
  await database.exchange(prepareFrames(STATEMENT, "insert into bench_inserts (payload) values ($1::bytea)"));
  const deliveryMs: number[] = [];
  const insertMs: number[] = [];
  for (const [index, request] of requests.entries()) {
    const sentAt = performance.now();
    await http.send(request);
    const answeredAt = performance.now();
    await database.exchange(inserts[index] ?? Buffer.alloc(0));
    deliveryMs.push(answeredAt - sentAt);
    insertMs.push(performance.now() - answeredAt);
  }
  http.close();
  database.close();
  return { delivery: summarizeLatencies(deliveryMs), insert: summarizeLatencies(insertMs) };
}
