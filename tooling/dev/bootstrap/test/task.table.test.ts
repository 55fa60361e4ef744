import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { TASKS } from "../task.table.mjs";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const manifest = (path: string): { scripts?: Record<string, string> } =>
  JSON.parse(readFileSync(path, "utf8"));

test("every root script is a task of the bootstrap, and every task has its script", () => {
  const { scripts = {} } = manifest(join(ROOT, "package.json"));
  const expected = Object.keys(TASKS).map((name) => [
    name,
    `exec node tooling/dev/bootstrap/run.mjs ${name}`,
  ]);
  expect(scripts).toEqual(Object.fromEntries(expected));
});

test("every member of the workspace has all of its tsconfigs checked", () => {
  const unchecked: string[] = [];
  for (const path of globSync("{apps,packages,tooling}/*/package.json", { cwd: ROOT })) {
    const { scripts = {} } = manifest(join(ROOT, path));
    for (const config of ["tsconfig.src.json", "tsconfig.test.json"]) {
      const exists = existsSync(join(ROOT, dirname(path), config));
      if (exists && !scripts.typecheck?.includes(`tsc -p ${config}`))
        unchecked.push(join(dirname(path), config));
    }
  }
  expect(unchecked).toEqual([]);
});
