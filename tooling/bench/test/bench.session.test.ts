import { expect, test } from "vitest";
import { runSession } from "../src/bench.session.ts";
import { TINY, TINY_FULL } from "../src/figures/bench.scale.ts";
import { FIGURE_IDS } from "../src/figures/figure.budgets.ts";
import { profileLines, runProfile } from "../src/profile/profile.session.ts";
import { resultLines } from "../src/result/bench.result.ts";

test("a session names the figures that it does not measure", async () => {
  const said: string[] = [];
  const { figures } = await runSession({
    figures: ["cost_1m_vs_10k"],
    scale: { ...TINY, deliveries: 1 },
    say: (line) => said.push(line),
  });
  expect(figures).toEqual([]);
  expect(said).toContain(
    "cost_1m_vs_10k is not measured: it needs --full, or a program that is not installed",
  );
}, 120_000);

test("a full session measures every figure with durability on", async () => {
  const result = await runSession({ figures: FIGURE_IDS, scale: TINY_FULL, say: () => undefined });
  expect(result.settings).toMatchObject({ fsync: "on", synchronous_commit: "on", full_page_writes: "on" });
  expect(result.postgres).toMatch(/^PostgreSQL 18/);
  expect(result.machine.freeDiskMb).toBeGreaterThan(0);
  const { figures } = result;
  const measured = figures.map(({ id }) => id);
  // Without PgBouncer these two are not measured, and the session says so.
  const needsPooler = new Set(["two_processes_vs_one", "deadlocks"]);
  expect(measured).toEqual(expect.arrayContaining(FIGURE_IDS.filter((id) => !needsPooler.has(id))));
  const mayBeNone = ["deadlocks", "streams_mb"];
  for (const { id, value } of figures) expect(value, id).toBeGreaterThan(mayBeNone.includes(id) ? -1 : 0);
  const stored = figures.find(({ id }) => id === "stored_per_received");
  expect(stored?.also.calls_in_500_mb).toBeGreaterThan(10_000);
  expect(figures.find(({ id }) => id === "retention_p99_ratio")?.also.old_events).toBe(1_500);
  const adoption = figures.find(({ id }) => id === "adopt_100k_seconds");
  expect(adoption?.also.rows).toBeGreaterThan(1_000);
  const twice = figures.find(({ id }) => id === "duplicate_vs_first");
  expect(twice?.baseline?.value).toBeGreaterThan(0);
  expect(twice?.also.first_postgres_us).toBeGreaterThan(0);
  expect(resultLines(result).join("\n")).toMatch(/^duplicate_vs_first +[\d.]+ × +< 0.5/m);
}, 600_000);

// These tests are in one file because every session builds the api into the same folder, and files run in parallel.
test("a profile has the time per delivery of each room and each function", async () => {
  const profile = await runProfile(TINY, () => undefined);
  const rooms = [
    "node:http, net, stream",
    "packages/providers/src/vapi",
    "packages/db/src/write",
    "node:zlib",
  ];
  expect(Object.keys(profile.api)).toEqual(expect.arrayContaining(rooms));
  for (const name of ["record_deliveries", "merge_tracking", "summarize_calls"]) {
    expect(profile.functions[name], name).toBeGreaterThan(0);
  }
  expect(profileLines(profile).join("\n")).toMatch(
    /^the api's main thread: \d+ µs a delivery\n +[\d.]+ +\d+ % /m,
  );
}, 120_000);
