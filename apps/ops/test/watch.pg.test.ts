import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readHealth } from "@call-ledger/contract/health";
import { until } from "@call-ledger/testkit/process";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { Surroundings } from "../src/cli/command.ts";
import { watch } from "../src/deploy/watch/watch.ts";
import { evenSchedule } from "../src/deploy/watch/watch-schedule.ts";
import type { BookedLedger } from "./harness/booked-ledger.ts";
import { bookedLedger } from "./harness/booked-ledger.ts";
import { callOps, documentOf, runOps } from "./harness/run-ops.ts";
import { startServer, untilHealthy } from "./harness/running-server.ts";
import type { Answer } from "./harness/stand-in.server.ts";
import { HEALTHY, standInServer } from "./harness/stand-in.server.ts";

let ledger: BookedLedger;
let folder: string;
beforeAll(async () => {
  ledger = await bookedLedger();
  folder = mkdtempSync(join(tmpdir(), "watch-test-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await ledger.drop();
});

type Item = {
  readonly id: string;
  readonly ok: boolean;
  readonly found: string;
  readonly next: string | null;
};
const SURROUNDINGS: Surroundings = {
  env: {},
  program: "ops",
  now: Date.now,
  progress: () => undefined,
  warn: () => undefined,
  ask: async () => null,
  standardInput: async () => "",
  standsAt: () => undefined,
  interruption: () => new AbortController().signal,
};
const BRIEFLY = ["--every", "200ms", "--for", "600ms"];
const LONG = ["--every", "100ms", "--for", "1m"];

/** Watches a server whose successive answers to /health are `answers`. The last one is repeated. */
async function watchAnswers(answers: readonly Answer[], ...args: string[]) {
  const given = [...answers];
  const server = await standInServer({
    health: () => (given.length > 1 ? given.shift() : given[0]) as Answer,
  });
  const finished = await callOps(["watch", server.url, ...args, "--json"]);
  server.stop();
  const checks: Item[] = documentOf(finished).checks;
  return { ...finished, checks, failed: checks.filter(({ ok }) => !ok) };
}
const reported = (changed: object): Answer => ({ status: 200, body: { ...HEALTHY, ...changed } });
const later = (seconds: number, changed: object): Answer => {
  const timestamp = new Date(Date.parse(HEALTHY.timestamp) + seconds * 1_000).toISOString();
  return reported({ ...changed, timestamp });
};
const queue = (oldest_age_seconds: number | null, dead = 0) => ({
  queue: { depth: 1, oldest_age_seconds, dead },
});

test("a real server is watched to the end: one line per check, with the log and the rows", async () => {
  const server = await startServer(ledger.database.appUrl, folder, { METRICS_TOKEN: "metrics-token" });
  await untilHealthy(server);
  const log = join(folder, "healthy.log");
  writeFileSync(log, "CRITICAL: long ago\n");
  const env = { DATABASE_URL: ledger.database.ownerUrl, METRICS_TOKEN: "metrics-token" };
  const watched = runOps(["watch", server.url, "--every", "500ms", "--for", "1s", "--log", log], env);
  const { code, stdout, stderr } = await watched;
  await server.kill();
  expect([code, stderr]).toEqual([0, ""]);
  const lines = stdout.trimEnd().split("\n");
  const ids = lines.slice(0, -1).map((line) => /^\d{4}-\S+Z {2}ok {6}(\w+): /.exec(line)?.[1]);
  const each = ["health", "background_work", "webhooks", "database_size", "log_alarms", "server_errors"];
  const rows = ["no_duplicate_calls", "every_call_in_three_tables", "summary_matches_layers"];
  expect(ids.slice(0, each.length)).toEqual(each);
  expect(new Set(ids)).toEqual(new Set([...each, ...rows]));
  expect(ids.filter((id) => id === "summary_matches_layers")).toHaveLength(2);
  expect(lines.at(-1)).toBe("All 9 checks hold.");
  expect(stdout).toMatch(/background_work: heartbeat, oldest upload .*, given up \d/);
  expect(stdout).toMatch(/webhooks: last event \S+, quarantined \d/);
});

test("the first breach ends it, with the next step", async () => {
  const { code, failed } = await watchAnswers(
    [reported({}), reported({}), reported({ services: { ...HEALTHY.services, supabase: false } })],
    ...LONG,
  );
  expect([code, failed.map(({ id, found }) => [id, found])]).toEqual([
    1,
    [["health", expect.stringMatching(/^200 in \d+ ms, false: supabase, version 1\.2\.3$/)]],
  ]);
  expect(failed[0]?.next).toContain("Scenario 1 of the deployment guide");
});

test.each<[string, string, Answer[], string[]]>([
  ["health", "another program answers", [{ status: 200, body: { hello: "world" } }], []],
  ["health", "it is slow three times", [{ status: 200, body: HEALTHY, afterMs: 520 }], []],
  [
    "background_work",
    "no heartbeat",
    [reported({ services: { ...HEALTHY.services, backgroundJobs: false } })],
    [],
  ],
  ["background_work", "an upload waits", [reported(queue(899)), reported(queue(901))], []],
  ["background_work", "another upload waits", [reported(queue(1_102)), later(200, queue(950))], []],
  ["background_work", "one more was given up", [reported(queue(null, 3)), reported(queue(null, 4))], []],
  ["webhooks", "one more in quarantine", [reported({ quarantined: 7 }), reported({ quarantined: 8 })], []],
  ["database_size", "it grew", [reported({}), reported({ database_size_mb: 175.6 })], []],
  [
    "database_size",
    "more than expected",
    [reported({}), reported({ database_size_mb: HEALTHY.database_size_mb + 6 })],
    ["--max-growth-mb", "5"],
  ],
  ["database_size", "little room", [reported({ database_size_mb: 401 })], []],
])("%s: %s", async (id, _what, answers, args) => {
  const { code, failed } = await watchAnswers(answers, ...LONG, ...args);
  expect([code, failed.map((item) => item.id)]).toEqual([1, expect.arrayContaining([id])]);
  for (const { next } of failed) expect(next).toMatch(/\w/);
});

test("figures that need the server's token are reported as not shown, and are no breach", async () => {
  const { queue: _queue, quarantined: _quarantined, last_event_at: _last, ...shown } = HEALTHY;
  const stranger = (changed: object): Answer => ({ status: 200, body: { ...shown, ...changed } });
  const { code, checks } = await watchAnswers([stranger({})], ...BRIEFLY);
  const found = checks.filter((item) => item.found.includes("only with its METRICS_TOKEN"));
  expect([code, found.map(({ id }) => id)]).toEqual([0, ["background_work", "webhooks"]]);
  const services = { ...HEALTHY.services, backgroundJobs: false };
  const away = await watchAnswers([stranger({ services })], ...LONG);
  expect(away.failed.map(({ id }) => id)).toEqual(["background_work"]);
});

test("earlier given-up recordings or quarantined deliveries are no breach, nor is one slow answer", async () => {
  const old = reported({ ...queue(1_102, 3), quarantined: 7 });
  const last = later(169, { ...queue(1_271, 3), quarantined: 7 });
  const { code, failed, checks } = await watchAnswers([{ status: 503, body: {} }, old, last], ...BRIEFLY);
  expect([code, failed]).toEqual([0, []]);
  expect(checks.find(({ id }) => id === "background_work")?.found).toBe(
    "heartbeat, oldest upload 1271 s, which waited too long at the start already, given up 3",
  );
});

test("deploy compares with the health before the deployment", async () => {
  const watched = async (before: object) => {
    const server = await standInServer({ health: () => reported({ ...queue(1_271, 3), quarantined: 7 }) });
    const { health } = readHealth(JSON.stringify({ ...HEALTHY, ...before }));
    const { checks } = await watch(SURROUNDINGS, {
      server: new URL(server.url),
      schedule: evenSchedule(100, 200),
      before: health ?? undefined,
    });
    server.stop();
    return checks.filter(({ ok }) => !ok).map(({ id }) => id);
  };
  expect(await watched({ ...queue(1_271, 3), quarantined: 7 })).toEqual([]);
  expect(await watched({ ...queue(20, 3), quarantined: 7 })).toEqual(["background_work"]);
  expect(await watched({ ...queue(1_271, 2), quarantined: 6 })).toEqual(["background_work", "webhooks"]);
});

test.each([
  [
    "log_alarms",
    '{"time":"T","id":"r-1","msg":"CRITICAL: Error checking idempotency"}',
    /"Error checking idempotency" \(T, request r-1\)/,
  ],
  ["log_alarms", "srv-1 ERROR constraint failed: +12025550199", /"constraint failed"$/],
  [
    "server_errors",
    '{"time":"T","id":"r-2","status":500,"msg":"request"}',
    /^1 of 1 requests \(100\.0 %\), the first at T \(request r-2\)$/,
  ],
])("%s: a line that is written to the log during the watch: %s", async (id, line, found) => {
  const server = await standInServer({ health: () => reported({}) });
  const log = join(folder, `${id}-${line.length}.log`);
  writeFileSync(log, "");
  const watched = callOps(["watch", server.url, "--every", "1h", "--for", "1h", "--log", log, "--json"]);
  // The watch follows by now: it skips earlier lines.
  await until(() => server.asked() > 0, "the first look is over", 30);
  appendFileSync(log, `${line}\n`);
  const finished = await watched;
  server.stop();
  const failed: Item[] = documentOf(finished).checks.filter(({ ok }: Item) => !ok);
  expect([finished.code, failed.map((item) => item.id)]).toEqual([1, [id]]);
  expect(failed[0]?.found).toMatch(found);
  expect(finished.stdout).not.toContain("5550199");
});

test("allowed errors are no breach; the log may come through standard input", async () => {
  const server = await standInServer({ health: () => reported({}) });
  const args = [
    inject("programs").ops,
    "watch",
    server.url,
    "--every",
    "1h",
    "--for",
    "1h",
    "--log",
    "-",
    "--max-error-percent",
    "50",
  ];
  const child = spawn(process.execPath, [...args, "--json"], { env: {}, stdio: ["pipe", "pipe", "inherit"] });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const request = (status: number) => `${JSON.stringify({ time: "T", id: "r", status, msg: "request" })}\n`;
  child.stdin.write(request(200) + request(503));
  await until(() => server.asked() > 0, "the first look is over", 30);
  child.stdin.write(request(502));
  expect(await ended).toBe(1);
  server.stop();
  const item = JSON.parse(stdout).checks.find(({ id }: Item) => id === "server_errors");
  expect(item.found).toContain("2 of 3 requests (66.7 %)");
});

test("rows that differ end it", async () => {
  const broken = await bookedLedger();
  await broken.breakWith("update calls set duration_seconds = 7 where provider_call_id = 'call-1'");
  const server = await standInServer({ health: () => reported({}) });
  const env = { DATABASE_URL: broken.database.ownerUrl };
  const watched = await callOps(["watch", server.url, ...LONG, "--json"], env);
  const spared = await callOps(["watch", server.url, ...BRIEFLY, "--without-database", "--json"], env);
  server.stop();
  await broken.drop();
  expect([watched.code, documentOf(watched).checks.at(-1)]).toEqual([
    1,
    expect.objectContaining({ id: "summary_matches_layers", ok: false }),
  ]);
  expect(spared.code).toBe(0);
});

test.each([
  [
    "guide",
    4,
    "Interrupted. 4 checks passed until then.\nThe watch did not reach the end of its schedule. Start it again.\n",
  ],
  ["daily", 0, "Interrupted. 4 checks passed until then.\n"],
])(
  "an interruption ends the schedule %s with a summary and exit code %i",
  async (schedule, code, summary) => {
    const server = await standInServer({ health: () => reported({}) });
    const child = spawn(
      process.execPath,
      [inject("programs").ops, "watch", server.url, "--schedule", schedule],
      {
        env: {},
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    await until(() => stdout.includes("database_size"), "the first look is over", 30);
    child.kill("SIGINT");
    expect(await ended).toBe(code);
    server.stop();
    expect(stdout.endsWith(`\n${summary}`)).toBe(true);
    expect(stdout).toContain("The rows are not checked, because no database is named.");
  },
);

test("an unreachable server is exit code 3, after three tries", async () => {
  const finished = await callOps(["watch", "http://127.0.0.1:1", ...LONG, "--json"]);
  expect([finished.code, documentOf(finished).checks.map(({ ok }: Item) => ok)]).toEqual([3, [false]]);
});
