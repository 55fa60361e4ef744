import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { exitCodeOf } from "../child.supervisor.mjs";

const SUPERVISOR = new URL("../child.supervisor.mjs", import.meta.url).href;
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

const folder = mkdtempSync(join(tmpdir(), "child-supervisor-"));
const script = (name: string, source: string) => {
  const path = join(folder, name);
  writeFileSync(path, source);
  return path;
};

// Prints every signal that it gets. It ends with 7 on SIGTERM, or by itself after a long time.
const TASK = script(
  "task.mjs",
  `process.on("SIGINT", () => process.stdout.write("SIGINT\\n"));
   process.on("SIGTERM", () => process.stdout.write("SIGTERM\\n", () => process.exit(7)));
   process.stdout.write("task " + process.pid + "\\n");
   setTimeout(() => process.exit(99), 30_000);`,
);
const SUPERVISED = script(
  "supervised.mjs",
  `import { createSupervisor } from ${JSON.stringify(SUPERVISOR)};
   const { run } = createSupervisor();
   process.exit(await run(process.execPath, [${JSON.stringify(TASK)}], { env: process.env }));`,
);

function start(command: string, args: string[]) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  started.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  return {
    child,
    said: (text: string) => expect.poll(() => output, { timeout: 10_000 }).toContain(text),
    output: () => output,
  };
}

test("each signal reaches the task once, and we end with its exit code", async () => {
  const { child, said, output } = start(process.execPath, [SUPERVISED]);
  const interrupts = () => output().match(/SIGINT/g)?.length;
  await said("task ");
  child.kill("SIGINT");
  await said("SIGINT");
  // npm passes on the SIGINT that the terminal has already sent. A person's second Ctrl-C comes later.
  child.kill("SIGINT");
  await sleep(150);
  child.kill("SIGINT");
  await expect.poll(interrupts, { timeout: 10_000 }).toBeGreaterThan(1);
  child.kill("SIGTERM");
  const [code] = await once(child, "close");
  expect(code).toBe(7);
  expect(interrupts()).toBe(2);
});

test("the task ends when the process that started us is killed", async () => {
  const parent = script(
    "parent.mjs",
    `import { spawn } from "node:child_process";
     spawn(process.execPath, [${JSON.stringify(SUPERVISED)}], { stdio: ["ignore", "inherit", "inherit"] });
     setInterval(() => {}, 60_000);`,
  );
  const { child, said, output } = start(process.execPath, [parent]);
  await said("task ");
  const task = Number(/task (\d+)/.exec(output())?.[1]);
  child.kill("SIGKILL");
  await said("SIGTERM");
  await expect.poll(() => isAlive(task), { timeout: 10_000 }).toBe(false);
});

test("a task that is killed is said to be", async () => {
  const { child, said, output } = start(process.execPath, [SUPERVISED]);
  await said("task ");
  process.kill(Number(/task (\d+)/.exec(output())?.[1]), "SIGKILL");
  expect(await once(child, "close")).toEqual([137, null]);
  expect(output()).toContain("The command was ended by SIGKILL.\n");
});

test("a signal before the task is said too", async () => {
  const idle = script(
    "idle.mjs",
    `import { createSupervisor } from ${JSON.stringify(SUPERVISOR)};
     createSupervisor();
     process.stdout.write("listens\\n");
     setTimeout(() => undefined, 30_000);`,
  );
  const { child, said, output } = start(process.execPath, [idle]);
  await said("listens");
  child.kill("SIGHUP");
  expect(await once(child, "close")).toEqual([129, null]);
  expect(output()).toContain("Ended by SIGHUP before the command began.\n");
});

test("a task that a signal ended has the exit code that a shell gives", () => {
  expect(exitCodeOf(3, null)).toBe(3);
  expect(exitCodeOf(null, "SIGKILL")).toBe(137);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
