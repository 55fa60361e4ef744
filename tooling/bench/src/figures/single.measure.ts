import { packPayload } from "@call-ledger/db/write";
import postgres from "postgres";
import { functionCalls } from "../direct/function.arguments.ts";
import type { BenchLedger } from "../ledger/bench.cluster.ts";
import { openSender, signedDelivery } from "../load/signed.delivery.ts";
import { SECRET, WEBHOOK_PATH } from "../servers/api.server.ts";
import { startBaseline } from "../servers/baseline.server.ts";
import type { LatencySummary } from "../statistics/latency.summary.ts";
import { summarizeLatencies } from "../statistics/latency.summary.ts";
import type { BenchSetup } from "./bench.setup.ts";

export type SingleLatencies = {
  readonly delivery: LatencySummary;
  readonly insert: LatencySummary;
  /** The write function alone, with the arguments of another delivery. */
  readonly writeFunction: LatencySummary;
  /** Express that verifies and stores nothing. */
  readonly verifying: LatencySummary;
};

const INSERT = "insert into bench_inserts (payload) values ($1)";

/**
 * Sends deliveries one at a time. After each one it inserts the same payload into a table that has only a key,
 * compressed as the ledger compresses it, so that both use the same disk in the same minute. Each turn also calls the
 * write function, and sends the request to an Express that only verifies it: these two show where the time of a
 * delivery goes.
 */
export async function measureSingles(
  bench: BenchSetup,
  ledger: BenchLedger,
  port: number,
  from: number,
): Promise<SingleLatencies> {
  const express = await startBaseline({ kind: "verifying", secret: SECRET, databaseUrl: "" });
  try {
    return await measureTurns(bench, ledger, { api: port, verifying: express.port }, from);
  } finally {
    await express.stop();
  }
}

async function measureTurns(
  { bodies, scale }: BenchSetup,
  ledger: BenchLedger,
  ports: { readonly api: number; readonly verifying: number },
  from: number,
): Promise<SingleLatencies> {
  await ledger.sql`create table bench_inserts (id uuid primary key default gen_random_uuid(), payload bytea not null)`;
  const sent = bodies(from, scale.singles);
  const signedAt = Date.now();
  const deliveries = sent.map((body) => signedDelivery(WEBHOOK_PATH, Buffer.from(body), SECRET, signedAt));
  const calls = await functionCalls(bodies(from + scale.singles, scale.singles));
  const [api, verifying] = [openSender(ports.api, 1), openSender(ports.verifying, 1)];
  const connect = (url: string) => postgres(url, { max: 1, fetch_types: false });
  const [owner, app] = [connect(ledger.ownerUrl), connect(ledger.appUrl)];

  const ms = { delivery: [], insert: [], writeFunction: [], verifying: [] } as Record<
    keyof SingleLatencies,
    number[]
  >;
  const timed = async (what: keyof SingleLatencies, run: () => Promise<unknown>) => {
    const begunAt = performance.now();
    await run();
    ms[what].push(performance.now() - begunAt);
  };
  for (const [index, delivery] of deliveries.entries()) {
    const payload = packPayload(sent[index] ?? "");
    await timed("delivery", () => api.send(delivery));
    await timed("insert", () => owner.unsafe(INSERT, [payload], { prepare: true }));
    await timed("verifying", () => verifying.send(delivery));
    const { statement, parameters } = calls[index] ?? {};
    if (statement !== undefined && parameters !== undefined) {
      await timed("writeFunction", () => app.unsafe(statement, [...parameters], { prepare: true }));
    }
  }
  await Promise.all([api.close(), verifying.close(), owner.end(), app.end()]);
  return {
    delivery: summarizeLatencies(ms.delivery),
    insert: summarizeLatencies(ms.insert),
    writeFunction: summarizeLatencies(ms.writeFunction),
    verifying: summarizeLatencies(ms.verifying),
  };
}
