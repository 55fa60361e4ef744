import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runningCluster, startCluster } from "@call-ledger/local-postgres";
import { expect, test } from "vitest";
import { makeRunFolder, sweepKilledRuns, THROWAWAY } from "../src/vitest/test-run.folder.ts";

test("removes what a killed run left, including its server, and spares running ones", async () => {
  const parent = mkdtempSync("/tmp/run-folders-");
  chmodSync(parent, 0o711);
  const living = makeRunFolder(parent);
  const child = spawn("true");
  await once(child, "exit");
  const killed = join(parent, `call-ledger-test-${child.pid}-abc`);
  mkdirSync(killed, { mode: 0o711 });
  const folder = join(killed, "18");
  const cluster = await startCluster({ folder, settings: THROWAWAY });
  expect(runningCluster(folder)).toBeDefined();
  await sweepKilledRuns(parent);
  await cluster.ended;
  expect(existsSync(killed)).toBe(false);
  expect(existsSync(living)).toBe(true);
  rmSync(parent, { recursive: true });
});
