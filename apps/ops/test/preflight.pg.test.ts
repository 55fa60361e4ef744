import { utimesSync } from "node:fs";
import { join } from "node:path";
import { openInspection } from "@call-ledger/db-operator/inspect";
import postgres from "postgres";
import { describe, expect, test } from "vitest";
import type { CheckedItem } from "../src/deploy/checks/check.ts";
import { REPOSITORY_CHECKS } from "../src/deploy/preflight/repository.checks.ts";
import { backUp, check, DAY_MS, usePreflight } from "./harness/preflight-under-test.ts";
import { documentOf, runOps } from "./harness/run-ops.ts";

const under = usePreflight();

const CHECKLIST_BOXES = [
  "access_supabase_dashboard",
  "access_render_dashboard",
  "git_history",
  "backup_recent",
  "privileges",
  "migrations_folder",
  "reviewed_webhook_changes",
  "reviewed_migrations",
  "migrations_pending",
  "no_conflicting_branches",
  "fixes_present",
  "build_current",
  "tests_passed",
  "tested_by_hand",
  "database_connection",
];

test("all checks pass with a clean clone, a good database, a fresh backup and a person who answers yes", async () => {
  const { report, failed, questions, said } = await check(under);
  expect([failed, report.exitCode]).toEqual([[], 0]);
  expect(questions).toHaveLength(8);
  expect(questions[3]).toBe("Have the migrations been reviewed (none is pending)?");
  expect(said.split("\n").filter((line) => line.startsWith("ok "))).toHaveLength(report.checks.length);
  expect(said).not.toContain("a-secret");
  // All boxes of the guide's checklist are in the report.
  expect(report.checks.map(({ id }: CheckedItem) => id)).toEqual(expect.arrayContaining(CHECKLIST_BOXES));
});

describe("the working tree", () => {
  test("git_history: without an earlier commit, and without git's folder", async () => {
    under.tree.git("checkout", "-q", "--orphan", "alone");
    under.tree.git("commit", "-qm", "alone");
    const alone = await check(under);
    expect(alone.failed.map(({ id, found }) => [id, found])).toEqual([
      ["git_history", expect.stringMatching(/before it nothing$/)],
    ]);
    const nowhere = await check(under, { folder: "/" });
    expect(nowhere.failedIds).toEqual(expect.arrayContaining(["git_history", "git_clean", "build_current"]));
  });

  test("git_clean: an uncommitted file", async () => {
    under.tree.write("packages/db/migrations/0099_forgotten.sql", "select 1;");
    expect((await check(under)).failedIds).toEqual(["git_clean"]);
  });

  test("git_branch: detached, ahead, behind", async () => {
    under.tree.git("commit", "-q", "--allow-empty", "-m", "not pushed");
    expect((await check(under)).failed.map(({ id, found }) => [id, found])).toEqual([
      ["git_branch", expect.stringMatching(/^\w+, 1 ahead, 0 behind$/)],
    ]);
    under.tree.git("push", "-q");
    under.tree.git("reset", "-q", "--hard", "HEAD~1");
    expect((await check(under)).failed[0]).toMatchObject({
      found: expect.stringContaining("0 ahead, 1 behind"),
    });
    under.tree.git("checkout", "-q", "--detach");
    expect((await check(under)).failed[0]).toMatchObject({ id: "git_branch", found: "not on a branch" });
  });

  test("migrations_folder: a missing folder", async () => {
    const folderCheck = REPOSITORY_CHECKS.find(({ id }) => id === "migrations_folder");
    const seen = { migrations: join(under.tree.root, "gone") } as Parameters<
      NonNullable<typeof folderCheck>["run"]
    >[0];
    expect(await folderCheck?.run(seen)).toMatchObject({ ok: false, found: "ENOENT" });
  });

  test("build_current: not built, or older than a source", async () => {
    under.tree.write("apps/api/src/server.ts", "export {}; // changed\n");
    under.tree.git("commit", "-qam", "changed");
    under.tree.git("push", "-q");
    under.tree.write("dist/api/server.mjs", "");
    expect((await check(under)).failed).toEqual([]);
    utimesSync(join(under.tree.root, "dist/api/server.mjs"), 0, 0);
    expect((await check(under)).failed.map(({ id, found }) => [id, found])).toEqual([
      [
        "build_current",
        expect.stringMatching(/^older than \d+ sources, such as apps\/api\/src\/server\.ts$/),
      ],
    ]);
    under.tree.git("clean", "-qfdx", "dist");
    expect((await check(under)).failed[0]).toMatchObject({
      id: "build_current",
      found: "not built",
      next: "npm run build",
    });
  });
});

describe("the database", () => {
  test("configuration: settings with which the server would not start", async () => {
    const { failed } = await check(under, { env: { VAPI_WEBHOOK_SECRET: "" } });
    expect(failed.map(({ id, found }) => [id, found])).toEqual([
      ["configuration", "VAPI_WEBHOOK_SECRET must be set when NODE_ENV is production"],
    ]);
  });

  test.each([
    ["storage on the disk", { STORAGE_LOCAL_DURABLE: "" }, "STORAGE_DRIVER must be s3"],
    ["test hosts", { RECORDING_TEST_HOSTS: "localhost:8443" }, "RECORDING_TEST_HOSTS must not be set"],
    ["a bucket without its keys", { STORAGE_DRIVER: "s3" }, "S3_ENDPOINT"],
  ])("configuration: a worker that would not start: %s", async (_what, env, found) => {
    const { failed } = await check(under, { env });
    expect(failed.map((item) => [item.id, item.found])).toEqual([
      ["configuration", expect.stringContaining(found)],
    ]);
  });

  test("configuration: the storage of a worker in another process is not judged", async () => {
    const env = { WORKER: "off", STORAGE_LOCAL_DURABLE: "" };
    const { failed, found } = await check(under, { env });
    expect([failed, found("configuration")]).toEqual([
      [],
      "no problem; the worker is another process, which is not checked",
    ]);
  });

  test("database_connection: an unreachable database is exit code 3, and the questions are still asked", async () => {
    const { report, failedIds, questions } = await check(under, {
      env: { DIRECT_DATABASE_URL: "postgres://o:p@127.0.0.1:1/ledger" },
    });
    expect(report.exitCode).toBe(3);
    expect(failedIds).toContain("database_connection");
    expect(failedIds).not.toContain("application_login");
    expect(questions).toHaveLength(8);
  });

  test("application_login: a login that may not book; the owner's passes with advice", async () => {
    await under.ledger.breakWith("revoke execute on function record_deliveries from call_ledger_test_app");
    expect((await check(under)).failed.map(({ id, found }) => [id, found])).toEqual([
      ["application_login", "call_ledger_test_app, may not book"],
    ]);
    const owner = await check(under, { env: { DATABASE_URL: under.ledger.database.ownerUrl } });
    expect(owner.found("application_login")).toMatch(/owns the tables: ops db login .*, may book$/);
  });

  test.each(["default_transaction_isolation = serializable", "default_transaction_read_only = on"])(
    "application_login: a login with %s",
    async (setting) => {
      const name = new URL(under.ledger.database.ownerUrl).pathname.slice(1);
      await under.ledger.breakWith(`alter role call_ledger_test_app in database ${name} set ${setting}`);
      const { failed, found } = await check(under);
      expect(failed.map(({ id }) => id)).toEqual(["application_login"]);
      expect(found("application_login")).toBe(
        `call_ledger_test_app connects with ${setting}, so it cannot book`,
      );
    },
  );

  test("free_space: a size near the limit", async () => {
    expect((await check(under, { env: { DATABASE_LIMIT_MB: "10" } })).failedIds).toEqual(["free_space"]);
  });

  test("no_running_migration: a migration runs", async () => {
    const other = postgres(under.ledger.database.ownerUrl, { max: 1 });
    await other.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${0x63616c6c})`;
      expect((await check(under)).failed.map(({ id, found }) => [id, found])).toEqual([
        ["no_running_migration", "postgres.js runs, 0 long transactions"],
      ]);
      await using inspection = openInspection(under.ledger.database.ownerUrl);
      expect(await inspection.activity(0)).toMatchObject({ longTransactions: 1 });
    });
    await other.end();
  });

  test("schema_drift: a change by hand, also while a migration is pending", async () => {
    await under.ledger.breakWith("create index by_hand on calls (customer_number)");
    const current = await check(under);
    expect(current.failed.map(({ id, found }) => [id, found])).toEqual([
      ["schema_drift", expect.stringContaining("added: CREATE INDEX by_hand")],
    ]);
    under.tree.addMigration("pending", "create table later (id int);");
    const pending = await check(under);
    expect(pending.failed.map(({ id, found }) => [id, found])).toEqual([
      ["schema_drift", expect.stringContaining("added: CREATE INDEX by_hand")],
    ]);
    await under.ledger.breakWith("drop index by_hand");
    expect((await check(under)).failed).toEqual([]);
    expect((await check(under)).questions[3]).toMatch(/reviewed \(\d{4}_pending\)/);
  });

  test("schema_drift and migrations_pending: an unknown history", async () => {
    await under.ledger.breakWith("update drizzle.__drizzle_migrations set hash = 'edited' where id = 2");
    const { failedIds, found } = await check(under);
    expect(failedIds).toEqual(["schema_drift", "migrations_pending"]);
    expect(found("migrations_pending")).toContain("was edited after it had been applied");
  });
});

test.each([
  ["none", { database: "another" }, "a dump", /^none of call_ledger_test_/],
  [
    "old",
    { created_at: new Date(Date.now() - 2 * DAY_MS).toISOString() },
    "a dump",
    /^b, 48 h old, undamaged$/,
  ],
  ["shorter", {}, "a dum", /^b, 0 h old, the dump has 5 of 6 bytes$/],
  ["damaged", {}, "A dump", /^b, 0 h old, the dump has another checksum$/],
  ["a backup of a restore", { purpose: "before_restore" }, "a dump", /^none of/],
  ["no manifest", { sha256: undefined }, "a dump", /^none of/],
])("backup_recent: %s", async (_what, changed, dump, found) => {
  backUp(under, changed, dump);
  const { failed } = await check(under);
  expect(failed.map((item) => [item.id, item.found])).toEqual([
    ["backup_recent", expect.stringMatching(found)],
  ]);
});

test("the checklist fails if the answer is no, and without a terminal", async () => {
  const no = await check(under, { answer: { yes: false, by: "by a test" } });
  expect([no.report.exitCode, no.failed.length]).toEqual([1, 8]);
  const nobody = await check(under, { answer: { yes: null, by: "" } });
  expect(nobody.failed[0]).toMatchObject({
    id: "access_supabase_dashboard",
    found: expect.stringContaining("nobody to ask: Can you log in"),
    next: expect.stringContaining("preflight --yes"),
  });
});

test("in a pipeline no question is asked, and --yes answers all", async () => {
  const env = {
    DATABASE_URL: under.ledger.database.ownerUrl,
    VAPI_WEBHOOK_SECRET: "a-secret-of-twenty-letters",
    PATH: process.env.PATH ?? "",
  };
  const asked = documentOf(await runOps(["preflight", "--without-backup", "--json"], env));
  const answered = documentOf(await runOps(["preflight", "--without-backup", "--yes", "--json"], env));
  const boxOf = ({ checks }: { checks: CheckedItem[] }) => checks.find(({ id }) => id === "tests_passed");
  expect(boxOf(asked)).toMatchObject({ ok: false });
  expect(boxOf(answered)).toMatchObject({ ok: true, found: "yes, by --yes" });
});
