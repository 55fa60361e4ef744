import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { callOps } from "./run-ops.ts";

const ROOT = new URL("../../../", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), "utf8");

type Row = { readonly line: number; readonly command: string; readonly test: string };

/** The table of docs/deployment.md: a line of the deployment guide, what answers it, and what proves that. */
const rows: Row[] = read("docs/deployment.md")
  .split("\n")
  .flatMap((text) => {
    const cells = text.split(/(?<!\\)\|/).map((cell) => cell.trim());
    if (!/^\d+$/.test(cells[1] ?? "")) return [];
    const [, command = ""] = /^`ops ([a-z -]+)`/.exec(cells[3] ?? "") ?? [];
    const [, file = ""] = /^`([^`]+)`$/.exec(cells[4] ?? "") ?? [];
    return [{ line: Number(cells[1]), command, test: file }];
  });

async function commandNames(): Promise<Set<string>> {
  const { stdout } = await callOps(["--help"]);
  const [, list = ""] = stdout.split("Commands:\n");
  return new Set([...list.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) {2,}/gm)].map(([, name = ""]) => name));
}

const withoutOptions = (command: string) => command.split(" --")[0] ?? "";

test("no line of the guide is left out", () => {
  expect(rows.length).toBeGreaterThan(300);
  expect(rows[0]?.line).toBe(1);
  expect(rows.at(-1)?.line).toBe(490);
  for (const [place, { line }] of rows.entries()) {
    const before = rows[place - 1]?.line ?? 0;
    // Between two lines there are empty ones, rules and the fences of code at most.
    expect(line - before, `between ${before} and ${line}`).toBeGreaterThan(0);
    expect(line - before, `between ${before} and ${line}`).toBeLessThanOrEqual(5);
  }
});

test("each line names a command that there is, and a test that there is", async () => {
  const names = await commandNames();
  expect(names.size).toBeGreaterThan(20);
  const unknown = rows.filter(({ command }) => !names.has(withoutOptions(command)));
  expect(unknown).toEqual([]);
  const missing = rows.filter(
    ({ test: file }) => !/\.test\.ts$/.test(file) || !existsSync(new URL(file, ROOT)),
  );
  expect(missing).toEqual([]);
});

test("options that the table names are options of that command", async () => {
  const optioned = new Set(rows.map(({ command }) => command).filter((command) => command.includes(" --")));
  expect(optioned.size).toBeGreaterThan(0);
  for (const command of optioned) {
    const { stdout } = await callOps([...withoutOptions(command).split(" "), "--help"]);
    expect(stdout).toContain(` ${command.slice(command.indexOf("--"))} `);
  }
});

const documents = ["README.md", ...["docs", "docs/runbooks"].flatMap(pagesIn)];

function pagesIn(folder: string): string[] {
  return readdirSync(new URL(folder, ROOT))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `${folder}/${file}`);
}

test.each(documents)("%s names only commands that there are", async (document) => {
  const names = await commandNames();
  const groups = new Set([...names].map((name) => name.split(" ")[0]));
  const named = [
    ...read(document).matchAll(/(?:pnpm|npm run -s)(?: --silent)? ops (?:-- )?([a-z]+)(?: ([a-z]+))?/g),
  ];
  const unknown = named.filter(([, first = "", second]) => {
    if (names.has(first)) return false;
    return !(groups.has(first) && second !== undefined && names.has(`${first} ${second}`));
  });
  expect(unknown.map(([text]) => text)).toEqual([]);
});
