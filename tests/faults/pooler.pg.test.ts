import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProcess } from "@call-ledger/api/testing/api-process";
import { ASSISTANT, deliver, send } from "@call-ledger/api/testing/deliveries";
import type { TestLedger } from "@call-ledger/api/testing/ledger";
import { testLedger } from "@call-ledger/api/testing/ledger";
import { simulateCall } from "@call-ledger/simulator";
import type { PgBouncer, Server } from "@call-ledger/testkit/process";
import { startPgBouncer, until } from "@call-ledger/testkit/process";
import { describeWith } from "@call-ledger/testkit/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";

describeWith("pgbouncer", "with only a pooler in transaction mode", (program) => {
  let folder: string;
  let ledger: TestLedger;
  let bouncer: PgBouncer;
  let api: Server;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pooled-api-"));
    ledger = await testLedger();
    await ledger.addAgent();
    bouncer = await startPgBouncer(program, [ledger.database.appUrl]);
    api = await startProcess(bouncer.through(ledger.database.appUrl), {
      WORKER: "inline",
      STORAGE_PATH: folder,
      RECORDING_CHANNELS: "mono",
      VAPI_API_URL: "http://127.0.0.1:1",
    });
  });

  afterAll(async () => {
    api.signal("SIGKILL");
    await api.ended;
    bouncer.stop();
    await ledger.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("calls are booked, the worker works, and the server ends by itself", async () => {
    const { callId, deliveries } = simulateCall({
      seed: "pooled",
      assistantId: ASSISTANT,
      startedAt: Date.UTC(2026, 2, 12, 15),
      outcome: "completed",
      turns: 6,
      // This host is not allowed, so nothing is fetched.
      recordingOrigin: "https://recordings.invalid",
    });
    for (const { body, type } of [...deliveries, ...deliveries]) {
      expect((await deliver(api.url, Buffer.from(body))).status, type).toBe(200);
    }
    const [call] = await ledger.sql`select phase, outcome from calls where provider_call_id = ${callId}`;
    expect(call).toEqual({ phase: "ended", outcome: "completed" });

    const services = { database: true, supabase: true, backgroundJobs: true };
    await until(async () => {
      const { json } = await send(`${api.url}/health`, {});
      return JSON.stringify(Object(json).services) === JSON.stringify(services);
    }, "every service is available");
    await until(async () => {
      const [job] = await ledger.sql`select last_error as reason from recording_upload_queue`;
      return job?.reason?.includes("the host recordings.invalid is not allowed");
    }, "the recording was tried and refused");

    expect(api.output()).toContain('"transport":"literal"');
    api.signal("SIGTERM");
    expect(await api.ended).toBe(0);
  });
});
