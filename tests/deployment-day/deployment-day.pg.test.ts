import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestDatabase } from "@call-ledger/db/testing";
import { emptyDatabase } from "@call-ledger/db/testing";
import { freePort } from "@call-ledger/local-postgres";
import { describeWith, testCluster } from "@call-ledger/testkit/vitest";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Finished, Release } from "./releases.ts";
import { firstRelease, laterRelease, ops, Platform } from "./releases.ts";

const SECRET = "test-secret-0123456789abcdef";

/** Uses production builds of two releases, real processes, and the operator's commands between them. */
describeWith("pg_dump", "a deployment day", () => {
  let folder: string;
  let db: TestDatabase;
  let owner: postgres.Sql;
  let older: Release;
  let newer: Release;
  let platform: Platform;
  let around: Record<string, string>;
  let migrations: number;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "deployment-day-"));
    older = firstRelease(join(folder, "older"), "a".repeat(40));
    const journal = readFileSync(join(older.folder, "migrations/meta/_journal.json"), "utf8");
    migrations = JSON.parse(journal).entries.length;
    newer = laterRelease(older, join(folder, "newer"), "b".repeat(40), {
      tag: "9000_rename",
      sql: `update organizations set name = name || ' Ltd';\n--> statement-breakpoint\n
        update call_ledger.schema_state set version = ${migrations + 1};`,
    });
    db = await emptyDatabase((await testCluster(15)).superuserUrl);
    owner = postgres(db.ownerUrl, { max: 1, onnotice: () => undefined });
    around = {
      DIRECT_DATABASE_URL: db.ownerUrl,
      VAPI_WEBHOOK_SECRET: SECRET,
      STORAGE_LOCAL_DURABLE: "true",
      PATH: process.env.PATH ?? "",
      RENDER_DEPLOY_HOOK_URL: "",
    };
  }, 120_000);

  afterAll(async () => {
    await platform?.close();
    await owner.end();
    await db.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (release: Release, ...args: string[]): Promise<Finished> => ops(release, args, around);
  const json = async (release: Release, ...args: string[]) => {
    const finished = await run(release, ...args, "--json");
    expect([finished.code, finished.stderr.replace(/^applying .*\n/gm, "")]).toEqual([0, ""]);
    return JSON.parse(finished.stdout);
  };
  const call = (release: Release, seed: string) =>
    run(
      release,
      ...["simulate", "--url", platform.url, "--assistant", "assistant-1", "--seed", seed],
      ...["--direction", "outbound", "--outcome", "no_answer", "--json"],
    );
  const outcomes = ({ stdout }: Finished): string[] =>
    JSON.parse(stdout).deliveries.map(({ outcome }: { outcome: string }) => outcome);
  const commit = async () =>
    Reflect.get(Object(await (await fetch(`${platform.url}/health`)).json()), "commit");
  const ready = async () => (await fetch(`${platform.url}/health/ready`)).status;
  const untilReady = () => vi.waitFor(async () => expect(await ready()).toBe(200), { timeout: 30_000 });
  const ledger = async () => {
    const rows: string[] = [];
    for (const table of [
      "organizations",
      "agents",
      "calls",
      "call_tracking",
      "call_logs",
      "processed_webhook_events",
    ])
      rows.push(
        ...(await owner.unsafe(`select to_jsonb(t)::text as row from ${table} t`)).map(({ row }) => row),
      );
    return rows;
  };
  const deployArgs = () => {
    const options = [
      "--watch",
      "2s",
      "--backups",
      join(folder, "backups"),
      "--expect",
      `0.1.0+${"b".repeat(12)}`,
    ];
    return ["deploy", platform.url, "--yes", ...options];
  };
  const deploy = (release: Release, ...args: string[]) => run(release, ...deployArgs(), ...args);

  test("a deployment with smoke and watch, a failing migration, and a rollback", {
    timeout: 400_000,
  }, async () => {
    await json(older, "migrate");
    const org = await json(older, "org", "create", "--name", "Northgate");
    await json(older, "agent", "add", "--org", org.id, "--assistant", "assistant-1");
    const { url } = await json(older, "db", "login");
    around.DATABASE_URL = url;
    platform = new Platform(await freePort(), {
      DATABASE_URL: url,
      VAPI_WEBHOOK_SECRET: SECRET,
      STORAGE_PATH: join(folder, "recordings"),
    });
    await platform.put(older);
    await untilReady();
    expect((await call(older, "1")).code).toBe(0);
    const before = await ledger();
    expect(before.length).toBeGreaterThan(5);

    around.RENDER_DEPLOY_HOOK_URL = await platform.deployHook(newer, older);
    const deployed = await deploy(newer);
    expect(deployed.code, deployed.stdout).toBe(0);
    expect(deployed.stdout + deployed.stderr).not.toContain("hook-secret");
    expect(deployed.stdout.match(/^done {4}\w+/gm)).toEqual(
      ["preflight", "backup", "migrate", "verify", "deploy_code", "new_version", "smoke", "watch"].map(
        (id) => `done    ${id}`,
      ),
    );
    expect(await commit()).toBe(newer.commit);
    expect((await owner`select name from organizations`)[0]).toEqual({ name: "Northgate Ltd" });
    expect((await call(newer, "2")).code).toBe(0);

    for (const [wrong, check, found] of [
      [{ VAPI_WEBHOOK_SECRET: "another-secret-of-20-letters" }, "signed_delivery_accepted", "401"],
      [
        { RENDER_DEPLOY_HOOK_URL: "http://127.0.0.1:1/deploy?key=k" },
        "deploy_hook",
        "accepts no connection (ECONNREFUSED)",
      ],
      [
        { RENDER_DEPLOY_HOOK_URL: "https://api.render.com/services/x" },
        "deploy_hook",
        "it is not a deploy hook of Render",
      ],
    ] as const) {
      const backups = readdirSync(join(folder, "backups"));
      const orders = platform.orders;
      const refused = await ops(newer, deployArgs(), { ...around, ...wrong });
      expect([refused.code, refused.stdout]).toEqual([1, expect.stringContaining(`FAILED  ${check}: `)]);
      expect(refused.stdout).toContain(found);
      expect(refused.stdout).toContain(
        "Stopped at preflight. Nothing was changed. The running release stays.",
      );
      expect([readdirSync(join(folder, "backups")), platform.orders]).toEqual([backups, orders]);
    }

    const orders = platform.orders;
    const again = await deploy(newer);
    expect([again.code, platform.orders], again.stdout).toEqual([0, orders]);
    expect(again.stdout).toContain("this commit already runs; nothing is ordered");

    const broken = laterRelease(newer, join(folder, "broken"), "c".repeat(40), {
      tag: "9001_broken",
      sql: "alter table calls add column x nonsense;",
    });
    const failed = await deploy(broken, "--migrations", join(broken.folder, "migrations"));
    expect(failed.code, failed.stdout + failed.stderr).toBe(1);
    expect(failed.stdout).toMatch(
      /FAILED {2}migrate .*nothing of it was applied: type "nonsense" does not exist/,
    );
    expect(failed.stdout).toContain("Stopped at migrate. Nothing was changed. The running release stays.");
    expect([await ready(), (await call(newer, "3")).code]).toEqual([200, 0]);

    const overdue = await deploy(newer, "--expect", "9.9.9", "--wait", "1s");
    expect(overdue.code, overdue.stdout).toBe(4);
    expect(overdue.stdout).toContain("To continue: correct the failure, then deploy again");
    expect(overdue.stdout).toContain(`rollback code ${platform.url} --commit ${newer.commit}\n`);
    const unlikely = await run(newer, "rollback", "code", "--to", "999");
    expect([unlikely.code, unlikely.stderr]).toEqual([
      2,
      expect.stringContaining(`--to can be at most ${migrations + 1}`),
    ]);

    const codeBack = await json(
      newer,
      "rollback",
      "code",
      platform.url,
      "--commit",
      older.commit,
      "--backups",
      join(folder, "backups"),
    );
    expect([codeBack.deployed, await commit()]).toEqual([true, older.commit]);

    const [first = ""] = /\S+\.dump/.exec(deployed.stdout) ?? [];
    const name = new URL(db.ownerUrl).pathname.slice(1);
    const back = await json(
      newer,
      "rollback",
      "full",
      first,
      "--confirm",
      name,
      "--backups",
      join(folder, "backups"),
    );
    await platform.put(older);
    await untilReady();
    expect(back.later.lost).toEqual([]);
    expect(await commit()).toBe(older.commit);
    expect(await ledger()).toEqual(expect.arrayContaining(before));
    expect((await owner`select count(*)::int as calls from calls`)[0]).toEqual({ calls: 3 });
    for (const seed of ["1", "2", "3"]) {
      expect(new Set(outcomes(await call(older, seed)))).toEqual(new Set(["duplicate"]));
    }
  });
});
