import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { installDependencies, installIsCurrent } from "../install.step.mjs";

let root: string;

afterEach(() => {
  vi.restoreAllMocks();
});

beforeEach(() => {
  // Progress lines of the install would appear between the lines of the test run.
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  root = mkdtempSync(join(tmpdir(), "install-step-"));
  mkdirSync(join(root, "packages/domain"), { recursive: true });
  for (const path of [
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "package.json",
    "packages/domain/package.json",
  ]) {
    writeFileSync(join(root, path), "{}");
  }
});

/** Replaces the start of a process, the only side effect of the module. */
function recordingSupervisor(code = 0, output = "") {
  const calls: string[][] = [];
  const capture = async (command: string, args: string[]) => {
    calls.push([command, ...args]);
    await new Promise((resolve) => setImmediate(resolve));
    return { code, stdout: "", output };
  };
  return { calls, supervisor: { capture, run: async () => 0 } };
}

const install = (
  scope: "running" | "building" | "everything",
  supervisor: ReturnType<typeof recordingSupervisor>["supervisor"],
) =>
  installDependencies({
    root,
    scope,
    tools: { pnpm: "/tools/pnpm" },
    env: { NODE_ENV: "production" },
    supervisor,
  });

test("installs once, until the lockfile or a manifest changes", async () => {
  const { calls, supervisor } = recordingSupervisor();
  expect(installIsCurrent(root, "everything")).toBe(false);
  await install("everything", supervisor);
  expect(installIsCurrent(root, "everything")).toBe(true);
  for (const path of ["pnpm-lock.yaml", "packages/domain/package.json"]) {
    writeFileSync(join(root, path), "{ }");
    expect(installIsCurrent(root, "everything")).toBe(false);
    await install("everything", supervisor);
  }
  expect(calls).toHaveLength(3);
});

test("running needs fewer packages than everything", async () => {
  const { calls, supervisor } = recordingSupervisor();
  await install("running", supervisor);
  expect(calls[0]).toEqual(
    expect.arrayContaining(["--filter-prod=@call-ledger/dev...", "--filter-prod=@call-ledger/ops..."]),
  );
  expect(installIsCurrent(root, "running")).toBe(true);
  expect(installIsCurrent(root, "everything")).toBe(false);
  await install("everything", supervisor);
  expect(calls[1]).toEqual([
    "/tools/pnpm",
    "install",
    "--frozen-lockfile",
    "--trust-lockfile",
    "--reporter=append-only",
  ]);
  expect(installIsCurrent(root, "running")).toBe(true);
});

test("a build needs no test kit, and its packages are not enough to run", async () => {
  const { calls, supervisor } = recordingSupervisor();
  await install("building", supervisor);
  expect(calls[0]?.slice(-1)).toEqual(["--filter-prod=@call-ledger/build..."]);
  expect([installIsCurrent(root, "building"), installIsCurrent(root, "running")]).toEqual([true, false]);
});

test("two at the same time install once", async () => {
  const { calls, supervisor } = recordingSupervisor();
  await Promise.all([install("everything", supervisor), install("everything", supervisor)]);
  expect(calls).toHaveLength(1);
});

test("the lock of a dead process is ignored", async () => {
  mkdirSync(join(root, "node_modules"));
  writeFileSync(join(root, "node_modules/.call-ledger-install.lock"), "4194304999");
  const { calls, supervisor } = recordingSupervisor();
  await install("everything", supervisor);
  expect(calls).toHaveLength(1);
});

test("a failure has pnpm's message and leaves no file behind", async () => {
  const { supervisor } = recordingSupervisor(
    1,
    "ERR_PNPM_OUTDATED_LOCKFILE  pnpm-lock.yaml is not up to date",
  );
  await expect(install("everything", supervisor)).rejects.toThrow("ERR_PNPM_OUTDATED_LOCKFILE");
  expect(installIsCurrent(root, "everything")).toBe(false);
  expect(() => readFileSync(join(root, "node_modules/.call-ledger-install.lock"))).toThrow("ENOENT");
});

test("the error says that the registry cannot be reached", async () => {
  const { supervisor } = recordingSupervisor(1, "getaddrinfo EAI_AGAIN registry");
  await expect(install("everything", supervisor)).rejects.toThrow("cannot be reached (EAI_AGAIN)");
});
