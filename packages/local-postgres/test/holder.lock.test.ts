import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { takeHold } from "../src/holder.lock.ts";
import { processIdentity } from "../src/process.identity.ts";

const newLock = () => join(mkdtempSync(join(tmpdir(), "holder-lock-")), "holder.json");

test("one process holds the lock at a time, and it is free after release", () => {
  const lock = newLock();
  const first = takeHold(lock);
  expect(takeHold(lock)).toEqual({ held: false, holder: process.pid, isLeaving: false });
  if (first.held) first.release();
  expect(takeHold(lock).held).toBe(true);
});

test("a dead process does not hold the lock", async () => {
  const lock = newLock();
  const child = spawn("sleep", ["60"]);
  const pid = child.pid ?? 0;
  writeFileSync(lock, JSON.stringify({ pid, started: processIdentity(pid) }));
  expect(takeHold(lock)).toEqual({ held: false, holder: pid, isLeaving: false });
  child.kill();
  await once(child, "exit");
  expect(takeHold(lock).held).toBe(true);
});

test("a reused process id does not hold the lock", () => {
  const lock = newLock();
  writeFileSync(lock, JSON.stringify({ pid: process.pid, started: "1" }));
  expect(takeHold(lock).held).toBe(true);
  expect(JSON.parse(readFileSync(lock, "utf8"))).toEqual({
    pid: process.pid,
    started: processIdentity(process.pid),
  });
});
