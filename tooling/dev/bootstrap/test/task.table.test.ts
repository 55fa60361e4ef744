import { readFileSync } from "node:fs";
import { join } from "node:path";
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

test("the whole tree is type-checked, and the domain once more without the types of Node", () => {
  const typecheck = (path: string) => manifest(join(ROOT, path, "package.json")).scripts?.typecheck;
  expect(typecheck("tooling/checks")).toBe("tsc -p ../../tsconfig.json");
  expect(typecheck("packages/domain")).toBe("tsc");
  const config = (path: string) => JSON.parse(readFileSync(join(ROOT, path), "utf8"));
  const apps = ["apps/api", "apps/ops", "apps/worker"];
  expect(config("tsconfig.json").include).toEqual(expect.arrayContaining([...apps, "packages", "tests"]));
  // Browsers have other types than Node.
  expect(typecheck("apps/console")).toBe("tsc");
  expect(config("packages/domain/tsconfig.json").compilerOptions.types).toEqual([]);
});
