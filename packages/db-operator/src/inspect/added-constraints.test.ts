import { expect, test } from "vitest";
import { readMigration } from "./added-constraints.ts";
import { sqlStatements } from "./sql-statements.ts";

const read = (script: string) => readMigration(sqlStatements(script));

test.each([
  [
    `ALTER TABLE "calls" ADD CONSTRAINT "c" CHECK (length("calls"."outcome") < 9);`,
    { table: '"calls"', name: "c", rule: { kind: "check", expression: `length("calls"."outcome") < 9` } },
  ],
  [
    `ALTER TABLE calls ADD CONSTRAINT u UNIQUE ("org_id", phase)`,
    { table: "calls", name: "u", rule: { kind: "unique", columns: ['"org_id"', "phase"], where: null } },
  ],
  [
    `ALTER TABLE "calls" ADD CONSTRAINT "f" FOREIGN KEY ("org_id","agent_id") REFERENCES "public"."agents"("org_id","id") ON DELETE no action`,
    {
      table: '"calls"',
      name: "f",
      rule: {
        kind: "foreign key",
        columns: ['"org_id"', '"agent_id"'],
        parent: '"public"."agents"',
        parentColumns: ['"org_id"', '"id"'],
      },
    },
  ],
  [
    `ALTER TABLE only calls ALTER COLUMN "phase" SET NOT NULL`,
    { table: "calls", name: "phase", rule: { kind: "not null", column: '"phase"' } },
  ],
  [
    `alter table "calls" add column "x" text not null`,
    { table: '"calls"', name: "x", rule: { kind: "required column" } },
  ],
  [
    `CREATE UNIQUE INDEX "i" ON "calls" USING btree ("org_id" desc, lower("phase")) WHERE "calls"."phase" is not null`,
    {
      table: '"calls"',
      name: "i",
      rule: { kind: "unique", columns: ['"org_id"', 'lower("phase")'], where: `"calls"."phase" is not null` },
    },
  ],
])("%s", (script, added) => {
  expect(read(script)).toMatchObject({ added: [added], unread: [] });
});

test("one statement can add several rules, and a NOT VALID rule checks nothing before it is validated", () => {
  const { added, made } =
    read(`alter table calls add column y int default 1 not null, add constraint a check (y > 0),
    alter phase set not null; alter table calls add constraint b check (phase <> '') not valid;`);
  expect(added.map(({ name }) => name)).toEqual(["a", "phase"]);
  expect(made).toEqual(["y"]);
  const validated = read(`alter table calls add constraint b check (phase <> '') not valid;
    alter table calls validate constraint b;`);
  expect(validated.added.map(({ name }) => name)).toEqual(["b"]);
});

test("statements that check no existing rows", () => {
  const nothing = read(`create table "new" (a int not null unique); create index i on calls (phase);
    alter table calls drop constraint calls_pkey; alter table calls add constraint p primary key using index i;
    alter table calls add column z text; grant select on calls to x;
    create function f() returns void language plpgsql as $$ begin alter table calls add constraint x check (true); end $$;`);
  expect([nothing.added, nothing.unread, nothing.made]).toEqual([[], [], ["new", "z"]]);
});

test("statements that change rows are noted, and unreadable ones are named", () => {
  const { changed, unread } = read(`update "calls" set phase = ''; delete from public.call_logs;
    do $$ begin alter table calls add constraint x check (true); end $$;
    alter table calls validate constraint made_before;
    alter table calls add constraint f foreign key (org_id) references organizations`);
  expect(changed).toEqual(["calls", "call_logs"]);
  expect(unread).toEqual([
    "do $$ begin alter table calls add constraint x check (true);",
    "validate constraint made_before",
    "add constraint f foreign key (org_id) references organizatio",
  ]);
});
