import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestDatabase } from "@call-ledger/db/testing";
import { emptyDatabase } from "@call-ledger/db/testing";
import type { Server } from "@call-ledger/testkit/process";
import { startServer, until, untilOk } from "@call-ledger/testkit/process";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import {
  buildCommit,
  isBeginning,
  migrationsAt,
  previousRelease,
  releases,
  removeWorktree,
} from "./previous.release.ts";
import type { Front } from "./roll-out.front.ts";
import { startFront } from "./roll-out.front.ts";
import { startLoad } from "./roll-out.load.ts";

const ASSISTANT = "5b1f0c1e-2a77-4d55-8c3b-6f0e2d9a7711";
const SECRET = "roll-out-secret";
/** The number of deliveries that have to succeed in each part of the roll-out. */
const ENOUGH = 60;
const MAX_MS = 240_000;

const run = promisify(execFile);

type Programs = { readonly api: string; readonly ops: string };

let folder: string;
let database: TestDatabase;
let sql: postgres.Sql;
let before: Programs;
let after: Programs;
const servers: Server[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "roll-out-test-"));
  database = await emptyDatabase();
  sql = postgres(database.ownerUrl, { max: 1, onnotice: () => undefined });
  before = buildCommit(previousRelease(), join(folder, "before"));
  after = inject("programs");
}, MAX_MS);

afterAll(async () => {
  await Promise.all(servers.map((server) => server.kill()));
  removeWorktree(join(folder, "before"));
  rmSync(folder, { recursive: true, force: true });
  await sql.end();
  await database.drop();
});

/** Runs an operator's command of a release as the owner, and returns its parsed answer. */
async function ops({ ops: program }: Programs, ...args: string[]): Promise<Record<string, unknown>> {
  const env = { DIRECT_DATABASE_URL: database.ownerUrl };
  const { stdout } = await run(process.execPath, [program, ...args, "--json"], { env, cwd: folder });
  return JSON.parse(stdout);
}

/** Starts a release. Resolves when it listens, which is before it is ready. */
async function start({ api }: Programs, databaseUrl: string): Promise<Server> {
  const env = {
    DATABASE_URL: databaseUrl,
    VAPI_WEBHOOK_SECRET: SECRET,
    STORAGE_PATH: join(folder, "recordings"),
    VAPI_API_URL: "http://127.0.0.1:1",
  };
  const server = await startServer([api], { env, cwd: folder });
  servers.push(server);
  return server;
}

test(
  "migrations and code are rolled out under load: no delivery fails, each is booked once",
  async () => {
    await ops(before, "migrate");
    const { url: appUrl } = await ops(before, "db", "login");
    const { id: orgId } = await ops(before, "org", "create", "--name", "Northgate Plumbing");
    await ops(before, "agent", "add", "--org", String(orgId), "--assistant", ASSISTANT);
    const old = await start(before, String(appUrl));
    await untilOk(`${old.url}/health/ready`, 60);

    const front: Front = await startFront(old.url);
    const url = `${front.url}/api/webhooks/vapi`;
    const load = startLoad({ url, secret: SECRET, assistantId: ASSISTANT, senders: 4, seed: "roll-out" });
    const more = async () => {
      const goal = load.booked() + ENOUGH;
      await until(() => load.booked() >= goal || load.failures.length > 0, "deliveries are booked", 60);
    };

    await more();
    const { applied } = await ops(after, "migrate");
    await more();
    const next = await start(after, String(appUrl));
    await front.rollOut(next.url, () => old.signal("SIGTERM"));
    expect(await old.ended).toBe(0);
    await more();
    await load.stop();
    await front.stop();

    process.stdout.write(
      `roll-out: ${load.booked()} deliveries of ${load.calls.length} calls, ${[...front.answered.values()].join(" by the old and ")} by the new release; migrations applied: ${[applied].flat().join(", ") || "none"}\n`,
    );
    expect(load.failures).toEqual([]);
    expect(
      [front.answered.get(old.url), front.answered.get(next.url)].every((count) => Number(count) > ENOUGH),
    ).toBe(true);

    const events = await sql`select event_id from processed_webhook_events where org_id = ${String(orgId)}`;
    const booked = events.map((row) => String(row.event_id)).sort();
    expect(booked).toEqual([...load.eventIds].sort());
    const calls = await sql`select provider_call_id, phase from calls where org_id = ${String(orgId)}`;
    expect(calls.map((row) => row.provider_call_id).sort()).toEqual([...load.calls].sort());
    expect(calls.filter((row) => row.phase !== "ended")).toEqual([]);
    const [waiting] = await sql`select count(*)::int as count from quarantined_deliveries`;
    expect(waiting).toEqual({ count: 0 });
  },
  MAX_MS,
);

describe("the previous release", () => {
  test("is the one in docs/releases.json, whose content is true", () => {
    for (const { commit, migrations } of releases()) expect(migrationsAt(commit)).toHaveLength(migrations);
    expect(previousRelease()).toMatch(/^[0-9a-f]{40}$/);
  });

  test("has migrations that are the unedited beginning of today's", () => {
    expect(isBeginning(["a 0000"], ["a 0000", "b 0001"])).toBe(true);
    expect(isBeginning(["a 0000", "b 0001"], ["a 0000", "b 0001"])).toBe(false);
    expect(isBeginning(["edited 0000"], ["a 0000", "b 0001"])).toBe(false);
    expect(isBeginning([], ["a 0000"])).toBe(false);
  });
});
