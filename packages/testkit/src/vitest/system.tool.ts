import { describe, test } from "vitest";
import { findProgram } from "../process/program.find.ts";

declare module "vitest" {
  interface TaskMeta {
    /** Set on tests that are left out because the machine lacks a tool. */
    leftOut?: { tool: string; debianPackage: string };
  }
}

const DEBIAN_PACKAGES = {
  chromium: "chromium",
  pg_dump: "postgresql-client",
  pgbouncer: "pgbouncer",
  psql: "postgresql-client",
} as const;

export const MOUNTING = { tool: "unshare and the right to mount file systems", debianPackage: "util-linux" };

/** A program that `npm test` can do without and CI cannot. */
type SystemTool = keyof typeof DEBIAN_PACKAGES;

/**
 * Registers tests that need a system tool. If the machine does not have it, the tests are left out and the run names
 * them at its end; under CI=true they fail instead. `body`: registers the tests; its argument is the tool's absolute
 * path.
 */
export function describeWith(tool: SystemTool, name: string, body: (program: string) => void): void {
  const leftOut = { tool, debianPackage: DEBIAN_PACKAGES[tool] };
  describeOrLeaveOut(findProgram(tool), tool, leftOut, name, body);
}

/** Like `describeWith`, for anything that a machine may lack. The body gets `standIn` if its tests are only named. */
export function describeOrLeaveOut<T>(
  found: T | undefined,
  standIn: T,
  leftOut: { tool: string; debianPackage: string },
  name: string,
  body: (found: T) => void,
): void {
  if (found !== undefined) describe(name, () => body(found));
  else if (isContinuousIntegration()) describe(name, () => failWithout(leftOut));
  else describe.skip(name, { meta: { leftOut } }, () => body(standIn));
}

/** Returns whether a left-out test is a failure in this environment. */
export function isContinuousIntegration(): boolean {
  // biome-ignore lint/style/noProcessEnv: test tooling, which packages/config knows nothing of.
  return ["true", "1"].includes(process.env.CI ?? "");
}

function failWithout({ tool, debianPackage }: { tool: string; debianPackage: string }): void {
  test(`needs ${tool}`, () => {
    throw new Error(`${tool} is missing. Install the Debian package ${debianPackage}.`);
  });
}
