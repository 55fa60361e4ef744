import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";

/** A database that accepts a connection and never answers. */
const silent = createServer((socket) => void socket.on("error", () => undefined).resume());
beforeAll(() => once(silent.listen(0, "127.0.0.1"), "listening"));
afterAll(() => void silent.close());

function silentHost(): string {
  const address = silent.address();
  return `127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
}

function start(options: readonly string[] = [], args = ["verify"]) {
  const child = spawn(process.execPath, [...options, inject("programs").ops, ...args], {
    env: { DATABASE_URL: `postgres://user:password@${silentHost()}/ledger` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      printed += text;
    });
  }
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal, printed }));
  return { child, ended };
}

/** Returns whether the process handles SIGHUP. Node alone does not. */
function handlesHangUp(pid = 0): boolean {
  const [, signals = "0"] = /^SigCgt:\s*(\w+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return (Number.parseInt(signals.slice(-8), 16) & 1) === 1;
}

const POINTS_MS = [1, 3, 6, 10, 15, 20, 25, 30, 35, 40, 45, 50, 60, 70, 80, 100, 120, 150, 200, 400];

test("a signal at any time leads to one line, or ends Node before it has begun", async () => {
  const seen = [];
  for (const afterMs of POINTS_MS) {
    const { child, ended } = start();
    await sleep(afterMs);
    const handled = handlesHangUp(child.pid);
    child.kill("SIGHUP");
    seen.push({ afterMs, handled, ...(await ended) });
  }
  const line = expect.stringMatching(
    /^Stopped by SIGHUP\. Nothing was changed\. Next: (verify|the command) again\.\n$/,
  );
  for (const { code, signal, printed, handled } of seen) {
    if (handled || code !== null) expect([code, printed]).toEqual([4, line]);
    else expect([signal, printed]).toEqual(["SIGHUP", ""]);
  }
  expect(seen.at(-1)?.handled).toBe(true);
});

test("a second signal does not take the line of a command away that ends itself", async () => {
  const { child, ended } = start([], ["watch", `http://${silentHost()}`, "--without-database"]);
  await once(silent, "connection");
  for (const signal of ["SIGHUP", "SIGTERM", "SIGINT"] as const) {
    child.kill(signal);
    await sleep(100);
  }
  expect(await ended).toMatchObject({
    code: 4,
    printed: expect.stringMatching(/^Stopped by SIGHUP\. Nothing was changed\..+\n$/m),
  });
});

test("nothing but the listener is loaded before it listens", async () => {
  const watch = `import { registerHooks } from "node:module";
    registerHooks({ load(url, context, next) {
      if (process.listenerCount("SIGHUP") === 0) process.stderr.write(url.replace(/.*\\//, "") + "\\n");
      return next(url, context);
    } });`;
  const { child, ended } = start(["--import", `data:text/javascript,${encodeURIComponent(watch)}`]);
  await once(silent, "connection");
  child.kill("SIGHUP");
  const loaded = (await ended).printed.split("\n").filter((line) => line.endsWith(".mjs"));
  expect(loaded).toEqual(["ops.mjs", "main.mjs"]);
});
