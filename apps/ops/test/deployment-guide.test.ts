import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { BACKUP_CHECK } from "../src/deploy/preflight/backup.checks.ts";
import { CHECKLIST } from "../src/deploy/preflight/checklist.checks.ts";
import {
  APPLICATION_CHECK,
  CONFIGURATION_CHECK,
  DATABASE_CHECKS,
} from "../src/deploy/preflight/database.checks.ts";
import { MIGRATION_CHECKS, TIMEOUTS_CHECK } from "../src/deploy/preflight/migration.checks.ts";
import { REPOSITORY_CHECKS } from "../src/deploy/preflight/repository.checks.ts";
import { rollbackScenarios } from "../src/deploy/rollback/rollback-scenarios.ts";
import { SERVER_CHECKS } from "../src/deploy/server/server.checks.ts";
import { CLEANED_UP, PROBE_CHECKS } from "../src/deploy/smoke/probe.checks.ts";
import { LEDGER_CHECKS } from "../src/deploy/verify/verify.ts";
import { WATCH_CHECKS } from "../src/deploy/watch/watch.checks.ts";
import { callOps } from "./harness/run-ops.ts";

const ROOT = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");

type Row = { readonly command: string; readonly check: string | null };

/** The table of docs/deployment-guide-answers.md: a section of the guide, a command, and the check that answers it. */
const rows: Row[] = read("docs/deployment-guide-answers.md")
  .split("\n")
  .flatMap((text) => {
    const cells = text.split("|").map((cell) => cell.trim());
    const [, command] = /^`ops ([a-z -]+)`$/.exec(cells[2] ?? "") ?? [];
    const [, check = null] = /^`(\w+)`$/.exec(cells[3] ?? "") ?? [];
    return command === undefined ? [] : [{ command, check }];
  });

const FACTS = {
  ...{ schema: { version: 1, oldestCode: 1 }, previous: 1, refusals: [] },
  ...{ backup: null, release: null, running: null, service: null },
};

/** Every check of a command as `command check`. A check of two commands is listed under the one that defines it. */
const checks = [
  ...[...REPOSITORY_CHECKS, CONFIGURATION_CHECK, ...DATABASE_CHECKS, ...MIGRATION_CHECKS, TIMEOUTS_CHECK],
  ...[APPLICATION_CHECK, BACKUP_CHECK, ...CHECKLIST],
]
  .map(({ id }) => `preflight ${id}`)
  .concat(LEDGER_CHECKS.map(({ id }) => `verify ${id}`))
  .concat(SERVER_CHECKS.map(({ id }) => `smoke ${id}`))
  .concat([...PROBE_CHECKS, CLEANED_UP].map(({ id }) => `smoke ${id}`))
  .concat(Object.values(WATCH_CHECKS).flatMap((some) => some.map(({ id }) => `watch ${id}`)))
  .concat(rollbackScenarios(FACTS).map(({ id }) => `rollback ${id}`));

async function commandNames(): Promise<Set<string>> {
  const { stdout } = await callOps(["--help"]);
  const [, list = ""] = stdout.split("Commands:\n");
  return new Set([...list.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) {2,}/gm)].map(([, name = ""]) => name));
}

const withoutOptions = (command: string) => command.split(" --")[0] ?? "";

test("the table names every check, under its command, and no other", () => {
  const named = rows.flatMap(({ command, check }) => (check === null ? [] : [`${command} ${check}`]));
  expect([...new Set(named)].sort()).toEqual([...checks].sort());
});

test("every command that the table names exists", async () => {
  const names = await commandNames();
  expect(names.size).toBeGreaterThan(20);
  expect(rows.filter(({ command }) => !names.has(withoutOptions(command)))).toEqual([]);
});

test("options that the table names are options of that command", async () => {
  const optioned = new Set(rows.map(({ command }) => command).filter((command) => command.includes(" --")));
  expect(optioned.size).toBeGreaterThan(0);
  for (const command of optioned) {
    const { stdout } = await callOps([...withoutOptions(command).split(" "), "--help"]);
    expect(stdout).toContain(` ${command.slice(command.indexOf("--"))} `);
  }
});

const documents = [
  ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"],
  ...["docs", "docs/runbooks", "docs/adr", "docs/benchmarks"].flatMap(pagesIn),
];

function pagesIn(folder: string): string[] {
  return readdirSync(new URL(folder, ROOT))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `${folder}/${file}`);
}

/** The commands that a document names, each with its words. */
function commandsIn(document: string) {
  const text = read(document);
  return [...text.matchAll(/(?:`|(?:pnpm|npm run -s)(?: --silent)? )ops (?:-- )?([a-z]+)(?: ([a-z]+))?/g)];
}

test("the documents name commands", () => {
  expect(documents.flatMap(commandsIn).length).toBeGreaterThan(100);
});

test.each(documents)("%s names only existing commands", async (document) => {
  const names = await commandNames();
  const groups = new Set([...names].map((name) => name.split(" ")[0]));
  const named = commandsIn(document);
  const unknown = named.filter(([, first = "", second]) => {
    if (names.has(first)) return false;
    return !(groups.has(first) && second !== undefined && names.has(`${first} ${second}`));
  });
  expect(unknown.map(([text]) => text)).toEqual([]);
});
