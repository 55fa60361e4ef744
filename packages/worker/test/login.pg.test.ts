import { randomBytes } from "node:crypto";
import { createAppLogin } from "@call-ledger/db/migrate";
import { recordingOf, whole } from "@call-ledger/testkit/http";
import postgres from "postgres";
import { afterAll, expect, test } from "vitest";
import { describeEachStorage } from "./harness/each-storage.ts";
import { workerFor } from "./harness/running-worker.ts";

const name = `call_ledger_test_worker_${randomBytes(4).toString("hex")}`;

describeEachStorage(({ setting, queueAt, settled, expectOneObject }) => {
  afterAll(async () => {
    const root = postgres(setting.calls.database.superuserUrl, { max: 1, onnotice: () => undefined });
    await root.unsafe(`drop owned by ${name}; drop role ${name}`);
    await root.end();
  });

  test("the login of a separate worker has enough rights to store a recording and to run housekeeping", async () => {
    const { database, sql } = setting.calls;
    const login = await createAppLogin(database.ownerUrl, { name, use: "worker", password: "test" });
    const recording = recordingOf(50_000);
    setting.host.answer("/own-login.wav", whole(recording));
    const call = await queueAt("/own-login.wav");
    const worker = workerFor({
      ...setting,
      calls: { ...setting.calls, database: { ...database, appUrl: login } },
    });
    await settled(call, ["stored"]);
    await worker.stop(5_000);
    expectOneObject(call, recording);
    expect(worker.lines.filter((line) => /42501|denied/.test(line))).toEqual([]);
    const runs = await sql`select name, error from housekeeping_runs where error is not null`;
    expect(runs).toEqual([]);
    const [heartbeats] =
      await sql`select count(*)::int as n from background_heartbeats where name like 'worker:%'`;
    expect(heartbeats?.n).toBeGreaterThan(0);
  });
});
