import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findProgram } from "../src/process/program.find.ts";

const SOURCE = fileURLToPath(new URL("../src/vitest/", import.meta.url));
const VITEST = join(SOURCE, "../../../../node_modules/vitest");

test("a tool is found only on the given path", () => {
  const folder = mkdtempSync(join(tmpdir(), "system-tool-"));
  expect(findProgram("pgbouncer", folder)).toBeUndefined();
  writeFileSync(join(folder, "pgbouncer"), "#!/bin/sh\n", { mode: 0o755 });
  expect(findProgram("pgbouncer", `/nonexistent:${folder}`)).toBe(join(folder, "pgbouncer"));
});

describe("a run on a machine without the tool", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "left-out-"));
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(VITEST, join(folder, "node_modules/vitest"));
    const config = { include: ["*.test.ts"], reporters: [join(SOURCE, "left-out.reporter.ts")] };
    writeFileSync(join(folder, "vitest.config.ts"), `export default { test: ${JSON.stringify(config)} };`);
    // No machine has a tool with this invented name.
    const file = [
      'import { expect, test } from "vitest";',
      `import { describeWith } from ${JSON.stringify(join(SOURCE, "system.tool.ts"))};`,
      'describeWith("no-such-tool", "with a tool", () => { test("a", () => {}); test("b", () => {}); });',
      'test("without", () => { expect(1).toBe(1); });',
    ];
    writeFileSync(join(folder, "some.test.ts"), file.join("\n"));
    const skipping = [
      'import { test } from "vitest";',
      'test("runs", () => {});',
      'test["skip"]("does not", () => {});',
    ];
    writeFileSync(join(folder, "skipping.test.ts"), skipping.join("\n"));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  const run = (ci: string, file = "") => {
    const env = { PATH: dirname(process.execPath), HOME: folder, CI: ci, NO_COLOR: "1" };
    try {
      const args = [join(VITEST, "vitest.mjs"), "run", "--root", folder, file];
      return {
        code: 0,
        output: execFileSync(process.execPath, args, { env, encoding: "utf8", stdio: "pipe" }),
      };
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string };
      return { code: status, output: stdout };
    }
  };

  test("leaves out the tests, and those that are skipped in the source, and names them at the end", () => {
    const { code, output } = run("");
    expect(output).toContain("left out: 2 tests, needs no-such-tool");
    expect(output).toContain("left out: 1 test, skipped in the source");
    expect(output).toMatch(/tests: 2 passed, 0 failed\n/);
    expect(code).toBe(0);
  });

  test("fails under CI=true", () => {
    const { code, output } = run("true", "some");
    expect(output).toMatch(/tests: 1 passed, 1 failed\n/);
    expect(code).toBe(1);
  });

  test("a test skipped in the source fails under CI=true", () => {
    const { code, output } = run("true", "skipping");
    expect(output).toContain(
      "left out: 1 test, skipped in the source\nCI=true allows nothing to be left out.",
    );
    expect(code).toBe(1);
  });
});
