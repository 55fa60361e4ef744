import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runbookText } from "./runbook-text.ts";

const RUNBOOKS = new URL("../../../../../docs/runbooks/", import.meta.url);

test.each(readdirSync(RUNBOOKS))("the commands of %s need only npm", (name) => {
  const text = runbookText(readFileSync(new URL(name, RUNBOOKS), "utf8"));
  expect(text).not.toMatch(/pnpm|^# /);
});

test("a command gets the form of npm", () => {
  expect(runbookText("# Name\n\n`pnpm --silent ops doctor --fix`")).toBe("`npm run -s ops -- doctor --fix`");
});
