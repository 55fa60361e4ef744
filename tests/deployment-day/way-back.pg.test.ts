import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestDatabase } from "@call-ledger/db/testing";
import { emptyDatabase } from "@call-ledger/db/testing";
import { freePort } from "@call-ledger/local-postgres";
import { describeWith, testCluster } from "@call-ledger/testkit/vitest";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Finished, Release } from "./releases.ts";
import { firstRelease, laterRelease, ops, Platform } from "./releases.ts";

/** A release that fails in its watch, and the same deployment again. */
describeWith("pg_dump", "the way back after a second attempt", () => {
  let folder: string;
  let backups: string;
  let db: TestDatabase;
  let older: Release;
  let newer: Release;
  let platform: Platform;
  let env: Record<string, string>;
  let migrations: number;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "way-back-"));
    backups = join(folder, "backups");
    older = firstRelease(join(folder, "older"), "a".repeat(40));
    const journal = readFileSync(join(older.folder, "migrations/meta/_journal.json"), "utf8");
    migrations = JSON.parse(journal).entries.length;
    newer = laterRelease(older, join(folder, "newer"), "b".repeat(40), {
      tag: "9000_rename",
      sql: `update call_ledger.schema_state set version = ${migrations + 1};`,
    });
    db = await emptyDatabase((await testCluster(15)).superuserUrl);
    env = {
      DIRECT_DATABASE_URL: db.ownerUrl,
      VAPI_WEBHOOK_SECRET: "test-secret-0123456789abcdef",
      STORAGE_LOCAL_DURABLE: "true",
      PATH: process.env.PATH ?? "",
      RENDER_DEPLOY_HOOK_URL: "",
    };
    expect((await ops(older, ["migrate"], env)).code).toBe(0);
    const login = await ops(older, ["db", "login", "--json"], env);
    env.DATABASE_URL = JSON.parse(login.stdout).url;
    platform = new Platform(await freePort(), {
      DATABASE_URL: env.DATABASE_URL ?? "",
      VAPI_WEBHOOK_SECRET: env.VAPI_WEBHOOK_SECRET ?? "",
      STORAGE_PATH: join(folder, "recordings"),
    });
    await platform.put(older);
    const ready = async () => (await fetch(`${platform.url}/health/ready`)).status;
    await vi.waitFor(async () => expect(await ready()).toBe(200), { timeout: 30_000 });
    env.RENDER_DEPLOY_HOOK_URL = await platform.deployHook(newer, older);
  }, 120_000);

  afterAll(async () => {
    await platform?.close();
    await db.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (...args: string[]): Promise<Finished> => ops(newer, [...args, "--backups", backups], env);
  /** Deploys the newer release, whose log has a CRITICAL line as soon as it is watched. */
  const deploy = async (): Promise<Finished> => {
    const log = join(folder, "server.log");
    writeFileSync(log, "");
    const critical = setInterval(() => appendFileSync(log, "CRITICAL: out of memory\n"), 200);
    const options = ["--expect", `0.1.0+${"b".repeat(12)}`, "--watch", "10s", "--log", log];
    const ended = await run("deploy", platform.url, "--yes", ...options);
    clearInterval(critical);
    return ended;
  };
  const rollback = async (...args: string[]) => JSON.parse((await run("rollback", ...args, "--json")).stdout);

  test("is that of the first attempt", { timeout: 300_000 }, async () => {
    const first = await deploy();
    const [archive = ""] = readdirSync(backups).filter((file) => file.endsWith(".dump"));
    const back = [
      "To go back:",
      `  npm run -s ops -- rollback code ${platform.url} --commit ${older.commit}`,
      `  npm run -s ops -- rollback full ${join(backups, archive)}\n`,
    ].join("\n");
    expect([first.code, first.stdout]).toEqual([4, expect.stringContaining("Stopped at watch, half-way.")]);
    expect(first.stdout.endsWith(back)).toBe(true);

    const second = await deploy();
    expect([second.code, second.stdout]).toEqual([4, expect.stringContaining("Stopped at watch, half-way.")]);
    expect(second.stdout).toContain("this commit already runs; nothing is ordered");
    expect(second.stdout.endsWith(back)).toBe(true);

    const secret = env.VAPI_WEBHOOK_SECRET ?? "";
    env.VAPI_WEBHOOK_SECRET = "another-secret-of-20-letters";
    const refused = await deploy();
    env.VAPI_WEBHOOK_SECRET = secret;
    expect([refused.code, refused.stdout]).toEqual([
      1,
      expect.stringMatching(
        /Stopped at preflight\. Nothing was changed\. The running release stays\.\nIt is the release to deploy\. If it is at fault: .* rollback http:\S+\n$/,
      ),
    ]);

    expect((await run("backup")).code).toBe(0);
    const facts = await rollback(platform.url);
    const known = { previous: migrations, release: older.commit, backup: archive.slice(0, -5) };
    expect(facts).toMatchObject({ ...known, running: newer.commit });
    expect(await rollback()).toMatchObject({ ...known, running: null });
    expect((await run("rollback", platform.url)).stdout).toMatch(
      new RegExp(`Next: .* rollback code ${platform.url} --commit ${older.commit}\n$`),
    );
    const full = await run("rollback", "full");
    const taken = JSON.parse(readFileSync(join(backups, `${archive.slice(0, -5)}.json`), "utf8")).created_at;
    expect([full.code, full.stderr]).toEqual([2, expect.stringContaining(taken)]);

    const orders = platform.orders;
    const same = await run("rollback", "code", platform.url, "--commit", newer.commit);
    expect([same.code, same.stderr, platform.orders]).toEqual([
      1,
      expect.stringContaining(`${newer.commit} already runs. Nothing was ordered.`),
      orders,
    ]);
    const code = await run("rollback", "code", platform.url);
    expect([code.code, platform.orders], code.stderr).toEqual([0, orders + 1]);
    expect(code.stdout).toContain(`Going back to ${older.commit}.`);
    expect((await run("rollback", "code", platform.url)).code).toBe(1);
    expect(platform.orders).toBe(orders + 1);
  });
});
