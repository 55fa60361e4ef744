import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { timeByRoom } from "./cpu.profile.ts";

const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
  id,
  callFrame: { functionName, url },
  children,
});

test("time within the window is counted by room, and native code for its caller", () => {
  const folder = mkdtempSync(join(tmpdir(), "profile-"));
  const file = join(folder, "a.cpuprofile");
  const nodes = [
    node(1, "(root)", "", [2, 6, 7]),
    node(2, "receive", "file:///somewhere/apps/api/src/webhooks/webhooks.route.ts", [3, 4, 5]),
    node(3, "parse", "file:///x/node_modules/.pnpm/zod@4.0.0/node_modules/zod/v4/core/parse.js"),
    node(4, "JSON.parse", ""),
    node(5, "zstdCompressSync", "node:zlib", [8]),
    node(6, "(idle)", ""),
    node(7, "(garbage collector)", ""),
    node(8, "processChunkSync", ""),
  ];
  const samples = [2, 3, 4, 6, 7, 8, 5, 2];
  const timeDeltas = samples.map(() => 1_000);
  writeFileSync(file, JSON.stringify({ startTime: 0, endTime: 9_000, nodes, samples, timeDeltas }));
  expect(Object.fromEntries(timeByRoom(file, { fromMs: 7.5, untilMs: 1.5 }))).toEqual({
    "apps/api/src/webhooks": 1_000,
    zod: 1_000,
    "node:zlib": 2_000,
    "(garbage collector)": 1_000,
  });
  rmSync(folder, { recursive: true });
});
