import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProcess } from "@call-ledger/api/testing/api-process";
import { deliver, message } from "@call-ledger/api/testing/deliveries";
import type { TestLedger } from "@call-ledger/api/testing/ledger";
import { testLedger } from "@call-ledger/api/testing/ledger";
import type { Server } from "@call-ledger/testkit/process";
import { startProgram, until } from "@call-ledger/testkit/process";
import { describeWith, testCluster } from "@call-ledger/testkit/vitest";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

describeWith("pg_dump", "restore under traffic", () => {
  let ledger: TestLedger;
  let api: Server;
  let folder: string;

  beforeAll(async () => {
    ledger = await testLedger((await testCluster(15)).superuserUrl);
    await ledger.addAgent();
    api = await startProcess(ledger.database.appUrl);
    folder = mkdtempSync(join(tmpdir(), "backups-"));
  });
  afterAll(async () => {
    await api.kill();
    await ledger.drop();
    rmSync(folder, { recursive: true });
  });

  const ops = (...args: string[]) => {
    const env = {
      DATABASE_URL: ledger.database.ownerUrl,
      PATH: process.env.PATH ?? "",
      RECORDING_CHANNELS: "mono",
    };
    return startProgram([inject("programs").ops, ...args, "--backups", folder], { env });
  };

  test("of two restores at the same time one succeeds, and no acknowledged call is lost", async () => {
    const acknowledged: string[] = [];
    const statuses = new Set<number>();
    let isSending = true;
    const send = async (sender: number) => {
      for (let number = 0; isSending; number += 1) {
        const call = `call-${sender}-${number}`;
        const { status } = await deliver(api.url, message("status-update", call, { status: "ringing" }));
        statuses.add(status);
        if (status === 200) acknowledged.push(call);
      }
    };
    const sending = Promise.all([send(1), send(2), send(3)]);
    try {
      await until(() => acknowledged.length > 20, "calls are booked", 60);
      const backup = ops("backup");
      expect(await backup.ended, backup.output()).toBe(0);
      const before = acknowledged.length;
      await until(() => acknowledged.length > before + 20, "more calls are booked", 60);

      const name = new URL(ledger.database.ownerUrl).pathname.slice(1);
      const restores = [ops("restore", "--confirm", name), ops("restore", "--confirm", name)];
      const codes = await Promise.all(restores.map(({ ended }) => ended));
      expect([...codes].sort(), restores.map((one) => one.output()).join("\n")).toEqual([0, 4]);
      const refused = restores[codes.indexOf(4)];
      expect(refused?.stderr()).toContain("Nothing was changed. Wait until it has ended");
      const after = acknowledged.length;
      await until(() => acknowledged.length > after + 20, "calls are booked after the restore", 60);
    } finally {
      isSending = false;
      await sending;
    }
    expect([...statuses].filter((status) => ![200, 503].includes(status))).toEqual([]);
    const rows = await ledger.sql`select provider_call_id as id from calls`;
    const there = new Set(rows.map(({ id }) => id));
    expect(acknowledged.filter((call) => !there.has(call))).toEqual([]);
    expect(rows).toHaveLength(there.size);
  }, 240_000);
});
