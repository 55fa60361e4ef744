import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestDatabase } from "@call-ledger/db/testing";
import { emptyDatabase, testDatabase } from "@call-ledger/db/testing";
import { describeWith, testCluster } from "@call-ledger/testkit/vitest";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { callOps, documentOf } from "./harness/run-ops.ts";

/*
 * Two ledgers on one server. The first is migrated, the second is empty, and sharing was not allowed.
 */
describeWith("pg_dump", "a ledger beside another one", () => {
  let [first, second]: TestDatabase[] = [];
  let folder = "";
  const nameOf = (db?: TestDatabase) => new URL(db?.ownerUrl ?? "").pathname.slice(1);
  const ops = (db: TestDatabase | undefined, ...args: string[]) =>
    callOps(args, { DATABASE_URL: db?.ownerUrl ?? "", PATH: process.env.PATH ?? "" });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "backups-"));
    const { superuserUrl } = await testCluster(15);
    first = await testDatabase(superuserUrl);
    second = await emptyDatabase(superuserUrl);
    const root = postgres(second.superuserUrl, { max: 1 });
    await root.unsafe(`alter database ${nameOf(second)} set call_ledger.share_roles = off`);
    await root.end();
  });
  afterAll(async () => {
    await Promise.all([first?.drop(), second?.drop()]);
    rmSync(folder, { recursive: true });
  });

  test.each([[["preflight", "--yes"]], [["preflight", "--pipeline"]]])(
    "%j fails without --share-roles",
    async (args) => {
      const privileges = async (...more: string[]) =>
        documentOf(await ops(second, ...args, ...more, "--json")).checks.find(
          ({ id }: { id: string }) => id === "privileges",
        );
      expect(await privileges()).toMatchObject({ ok: false, found: expect.stringContaining(nameOf(first)) });
      expect(await privileges("--share-roles")).toMatchObject({ ok: true, found: "this login may migrate" });
    },
  );

  test("deploy stops at preflight without --share-roles", async () => {
    const failed = async (...more: string[]) => {
      const deployed = await ops(
        second,
        "deploy",
        "http://127.0.0.1:1",
        "--yes",
        "--secret",
        "s".repeat(32),
        ...more,
      );
      return /preflight .*failed: (.*)/.exec(deployed.stdout)?.[1];
    };
    expect(await failed()).toContain("privileges");
    expect(await failed("--share-roles")).not.toContain("privileges");
  });

  test("restore makes no second ledger without --share-roles", async () => {
    expect((await ops(first, "backup", "--backups", folder)).code).toBe(0);
    const { archive } = documentOf(await ops(first, "backup", "--backups", folder, "--json"));
    const restore = ["restore", archive, "--backups", folder, "--confirm", nameOf(second)];
    const refused = await ops(second, ...restore);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(new RegExp(`^Nothing was changed: .*${nameOf(first)}.*add --share-roles\\.\n$`)),
    ]);
    expect((await ops(second, ...restore, "--share-roles")).code).toBe(0);
    const { checks } = documentOf(await ops(second, "preflight", "--pipeline", "--json"));
    expect(checks.find(({ id }: { id: string }) => id === "privileges")).toMatchObject({
      ok: true,
      found: expect.stringMatching(/^this login may migrate; a warning: /),
    });
  });
});
