import { spawn } from "node:child_process";
import { expect, test } from "vitest";
import { cpuSeconds, familyCpuSeconds } from "./process.cpu.ts";

const BUSY = "const until = Date.now() + 30_000; while (Date.now() < until);";

test.runIf(process.platform === "linux")(
  "the time of a family is that of a process and its children",
  async () => {
    const before = familyCpuSeconds(process.pid) ?? 0;
    const child = spawn(process.execPath, ["-e", BUSY], { stdio: "ignore" });
    const own = () => cpuSeconds(child.pid ?? 0) ?? 0;
    await expect.poll(own, { timeout: 20_000 }).toBeGreaterThan(0.3);
    expect((familyCpuSeconds(process.pid) ?? 0) - before).toBeGreaterThan(0.3);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("exit", resolve));
    expect(cpuSeconds(child.pid ?? 0)).toBeUndefined();
  },
);
