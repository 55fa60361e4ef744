import { packPayload } from "@call-ledger/db/write";
import { functionCalls } from "../direct/function.arguments.ts";
import { openWireConnection } from "../direct/wire.connection.ts";
import { executeFrames, prepareFrames } from "../direct/wire.frames.ts";
import type { BenchLedger } from "../ledger/bench.cluster.ts";
import { openHttpConnection } from "../load/http.connection.ts";
import { signedRequest } from "../load/signed.request.ts";
import { SECRET, WEBHOOK_PATH } from "../servers/api.server.ts";
import { startBaseline } from "../servers/baseline.server.ts";
import type { LatencySummary } from "../statistics/latency.summary.ts";
import { summarizeLatencies } from "../statistics/latency.summary.ts";
import type { BenchBed } from "./bench.bed.ts";

export type SingleLatencies = {
  readonly delivery: LatencySummary;
  readonly insert: LatencySummary;
  /** The write function alone, with another delivery's arguments. */
  readonly writeFunction: LatencySummary;
  /** Express that verifies and stores nothing. */
  readonly verifying: LatencySummary;
};

const [INSERT, CALL] = ["insert", "call"];

/**
 * Deliveries one at a time, each followed by one bare INSERT of the same payload, compressed as the ledger compresses
 * it, into a table with nothing but a key: both meet the same disk in the same minute. In the same turns, to tell where
 * a delivery's time goes: a call of the write function, and the request to Express that only verifies it.
 */
export async function measureSingles(
  bed: BenchBed,
  ledger: BenchLedger,
  port: number,
  from: number,
): Promise<SingleLatencies> {
  const express = await startBaseline({ kind: "verifying", secret: SECRET, databaseUrl: "" });
  try {
    return await measureTurns(bed, ledger, { api: port, verifying: express.port }, from);
  } finally {
    await express.stop();
  }
}

async function measureTurns(
  { bodies, extent }: BenchBed,
  ledger: BenchLedger,
  ports: { readonly api: number; readonly verifying: number },
  from: number,
): Promise<SingleLatencies> {
  await ledger.sql`create table bench_inserts (id uuid primary key default gen_random_uuid(), payload bytea not null)`;
  const sent = bodies(from, extent.singles);
  const signedAt = Date.now();
  const requests = sent.map((body) => signedRequest(WEBHOOK_PATH, Buffer.from(body), SECRET, signedAt));
  const inserts = sent.map((body) => executeFrames(INSERT, [`\\x${packPayload(body).toString("hex")}`]));
  const calls = await functionCalls(bodies(from + extent.singles, extent.singles));
  const [api, verifying] = [await openHttpConnection(ports.api), await openHttpConnection(ports.verifying)];
  const [owner, app] = [await openWireConnection(ledger.ownerUrl), await openWireConnection(ledger.appUrl)];
  await owner.exchange(prepareFrames(INSERT, "insert into bench_inserts (payload) values ($1::bytea)"));
  await app.exchange(prepareFrames(CALL, calls[0]?.statement ?? ""));

  const ms = { delivery: [], insert: [], writeFunction: [], verifying: [] } as Record<
    keyof SingleLatencies,
    number[]
  >;
  const timed = async (what: keyof SingleLatencies, run: () => Promise<unknown>) => {
    const begunAt = performance.now();
    await run();
    ms[what].push(performance.now() - begunAt);
  };
  for (const [index, request] of requests.entries()) {
    await timed("delivery", () => api.send(request));
    await timed("insert", () => owner.exchange(inserts[index] ?? Buffer.alloc(0)));
    await timed("verifying", () => verifying.send(request));
    const call = calls[index];
    if (call !== undefined) {
      const frames = executeFrames(CALL, call.parameters);
      await timed("writeFunction", () => app.exchange(frames));
    }
  }
  for (const connection of [api, verifying, owner, app]) connection.close();
  return {
    delivery: summarizeLatencies(ms.delivery),
    insert: summarizeLatencies(ms.insert),
    writeFunction: summarizeLatencies(ms.writeFunction),
    verifying: summarizeLatencies(ms.verifying),
  };
}
