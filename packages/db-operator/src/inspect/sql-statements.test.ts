import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MIGRATIONS_FOLDER } from "@call-ledger/db/migrate";
import { expect, test } from "vitest";
import { inParentheses, listParts, sqlStatements } from "./sql-statements.ts";

test("semicolons in quotes, dollar quotes and comments end no statement", () => {
  const script = `-- a; b
select 'it''s; fine', "odd;name"; /* ; */
do $body$ begin perform 1; end $body$;--> statement-breakpoint
create table t (a int) -- last; one
`;
  expect(sqlStatements(script)).toEqual([
    { text: `select 'it''s; fine', "odd;name"`, from: 1, to: 1 },
    { text: "do $body$ begin perform 1; end $body$", from: 2, to: 2 },
    { text: "create table t (a int)", from: 3, to: 4 },
  ]);
});

test("semicolons in the body of a function end no statement, with a case in it too", () => {
  const body = "create function f() begin atomic select case when true then 1 end; select 2; END";
  expect(sqlStatements(`${body};\nselect 1;`).map(({ text }) => text)).toEqual([body, "select 1"]);
});

test("lists are cut only outside of parentheses and quotes", () => {
  expect(listParts(`add check (a in (1, 2)), add constraint "x,y" unique (a, b), drop c`)).toEqual([
    "add check (a in (1, 2))",
    'add constraint "x,y" unique (a, b)',
    "drop c",
  ]);
  expect(inParentheses("check (f(a, ')') > 0) not valid")).toBe("f(a, ')') > 0");
  expect(inParentheses("check (a")).toBeNull();
});

test("our own migrations are cut into statements that begin with a keyword of SQL", () => {
  const files = readdirSync(MIGRATIONS_FOLDER).filter((name) => name.endsWith(".sql"));
  const statements = files.flatMap((file) =>
    sqlStatements(readFileSync(join(MIGRATIONS_FOLDER, file), "utf8")),
  );
  expect(statements.length).toBeGreaterThan(100);
  const verbs = new Set(statements.map(({ text }) => /^\w+/.exec(text)?.[0]?.toLowerCase()));
  for (const verb of verbs) {
    expect([
      "create",
      "alter",
      "comment",
      "insert",
      "do",
      "grant",
      "revoke",
      "select",
      "update",
      "drop",
    ]).toContain(verb);
  }
});
