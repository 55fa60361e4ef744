import { rmSync } from "node:fs";
import { emptyDatabase } from "@call-ledger/db/testing";
import { scratchFolder, startCluster } from "@call-ledger/local-postgres";
import { createLegacyTables } from "@call-ledger/testkit/legacy";
import { startProgram, until } from "@call-ledger/testkit/process";
import postgres from "postgres";
import { expect, inject, test } from "vitest";

const ROLES = ["definer", "writer", "reader", "worker", "operator", "manager", "api_operator"];

test.each(["migrate", "adopt"])(
  "the first %s of a server succeeds although another database creates the roles meanwhile",
  async (command) => {
    const folder = scratchFolder("call-ledger-first-");
    const cluster = await startCluster({ folder, settings: { fsync: "off" } });
    const db = await emptyDatabase(cluster.superuserUrl);
    const other = postgres(db.ownerUrl, { max: 1, onnotice: () => undefined });
    const superuser = postgres(cluster.superuserUrl, { max: 1, onnotice: () => undefined });
    try {
      if (command === "adopt") await createLegacyTables(other);
      const creations = ROLES.map((role) => `create role call_ledger_${role} nologin`);
      await other.unsafe(["begin", ...creations].join(";"));
      const first = startProgram([inject("programs").ops, command], { env: { DATABASE_URL: db.ownerUrl } });
      const waiting = () =>
        superuser`select from pg_stat_activity where application_name ~ 'migrate|adopt' and wait_event_type = 'Lock'`;
      await until(async () => (await waiting()).length > 0, "it waits for the roles");
      await other.unsafe("commit");
      expect([await first.ended, first.stderr()]).toEqual([0, expect.not.stringContaining("does not exist")]);
    } finally {
      await Promise.all([other.end(), superuser.end()]);
      await db.drop();
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
  120_000,
);
