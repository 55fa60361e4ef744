import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type {} from "@call-ledger/testkit/vitest";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { incompatibility, knownMigrations } from "../src/migrate/compatibility.ts";
import { MigrationError, migrate } from "../src/migrate/index.ts";
import { MIGRATIONS_FOLDER } from "../src/migrate/journal.ts";
import { operation } from "../src/migrate/operation.ts";
import type { TestDatabase } from "../src/testing/index.ts";
import { emptyDatabase } from "../src/testing/index.ts";

let db: TestDatabase;
let owner: postgres.Sql;
let folder: string;

beforeEach(async () => {
  db = await emptyDatabase();
  owner = postgres(db.ownerUrl, { max: 1, onnotice: () => undefined });
  folder = mkdtempSync(join(tmpdir(), "migrations-"));
  cpSync(MIGRATIONS_FOLDER, folder, { recursive: true });
});

afterEach(async () => {
  await owner.end();
  await db.drop();
  rmSync(folder, { recursive: true });
});

const all = knownMigrations();
const tables = async () =>
  (
    await owner`select count(*)::int as n from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`
  )[0]?.n;

/** Adds a migration to the copied folder. */
function add(tag: string, sql: string, when: number): void {
  const path = join(folder, "meta", "_journal.json");
  const journal = JSON.parse(readFileSync(path, "utf8"));
  journal.entries.push({ idx: journal.entries.length, version: "7", when, tag, breakpoints: true });
  writeFileSync(path, JSON.stringify(journal));
  writeFileSync(join(folder, `${tag}.sql`), sql);
}

test("an empty database gets every migration, and a second run applies none", async () => {
  const lines: string[] = [];
  expect(await migrate(db.ownerUrl, { log: (line) => lines.push(line) })).toEqual({
    applied: all,
    version: all.at(-1),
  });
  expect(lines).toEqual([`applying ${all.length} migrations, ${all[0]} to ${all.at(-1)}`]);
  expect(await migrate(db.ownerUrl)).toEqual({ applied: [], version: all.at(-1) });
});

test("of six migrators at once, one applies, and the others name it and change nothing", async () => {
  const ends = await Promise.allSettled(Array.from({ length: 6 }, () => migrate(db.ownerUrl)));
  const refused = ends.flatMap((end) => (end.status === "rejected" ? [String(end.reason)] : []));
  const applied = ends.flatMap((end) => (end.status === "fulfilled" ? end.value.applied : []));
  expect(applied).toEqual(all);
  expect(refused).toEqual(
    Array(5).fill(expect.stringMatching(/call-ledger migrate on .* works on this database, since \d{4}-/)),
  );
});

function drizzleKit() {
  return promisify(execFile)(process.execPath, ["node_modules/drizzle-kit/bin.cjs", "migrate"], {
    cwd: fileURLToPath(new URL("../../../", import.meta.url)),
    env: { ...process.env, DATABASE_URL: db.ownerUrl },
  });
}

test("plain drizzle-kit migrate does the same from the repository root", async () => {
  await drizzleKit();
  expect(await migrate(db.ownerUrl)).toEqual({ applied: [], version: all.at(-1) });
});

test("plain drizzle-kit migrate changes nothing while another operation works, and names it", async () => {
  const refused = await operation(db.ownerUrl, "backup", () => drizzleKit().catch((error: unknown) => error));
  expect(refused).toMatchObject({ code: 1, stdout: expect.stringContaining("call-ledger backup on ") });
  expect(await tables()).toBe(0);
  await drizzleKit();
});

describe("faults that Drizzle's migrator does not detect are refused", () => {
  test("a migration that was edited after it had been applied", async () => {
    await migrate(db.ownerUrl);
    writeFileSync(join(folder, `${all[0]}.sql`), "select 1;");
    await expect(migrate(db.ownerUrl, { folder })).rejects.toThrow(/was edited after it had been applied/);
  });

  test("a migration that was stamped too early to be applied", async () => {
    await migrate(db.ownerUrl);
    add("0099_late", "create table late (id int);", 1);
    await expect(migrate(db.ownerUrl, { folder })).rejects.toThrow(/stamped before/);
  });

  test("a database that is ahead of this release", async () => {
    add("0099_newer", "select 1;", Date.now() + 1e6);
    await migrate(db.ownerUrl, { folder });
    await expect(migrate(db.ownerUrl)).rejects.toThrow(/deploy the newer release/);
  });
});

test("a failing migration applies nothing of the run and gives the reason", async () => {
  add("0098_fine", "create table fine (id int);", Date.now() + 1e6);
  add("0099_broken", "create table broken (id nonsense);", Date.now() + 2e6);
  await expect(migrate(db.ownerUrl, { folder })).rejects.toThrow(
    /nothing of it was applied: type "nonsense" does not exist/,
  );
  expect(await tables()).toBe(0);
});

test("the wait for a table in use is limited", async () => {
  await migrate(db.ownerUrl);
  add("0099_locks", "alter table calls add column extra int;", Date.now() + 1e6);
  const reader = postgres(db.ownerUrl, { max: 1 });
  const failure = reader.begin(async (tx) => {
    await tx`select count(*) from calls`;
    return migrate(db.ownerUrl, { folder }).catch((error: unknown) => error);
  });
  expect(String(await failure)).toMatch(
    /a table is in use: calls by \S+ \(pid \d+, since [\d:]{8} UTC\)\. End that/,
  );
  await reader.end();
});

test("a search path that does not begin with public is refused, with the statement that sets it", async () => {
  const admin = postgres(db.superuserUrl, { max: 1, onnotice: () => undefined });
  const here = new URL(db.ownerUrl).pathname.slice(1);
  await admin.unsafe(`create schema app; grant usage on schema app to public;
    alter database ${here} set search_path = app, public`);
  const refused = await migrate(db.ownerUrl).catch((error: unknown) => String(error));
  const [statement = ""] = /ALTER ROLE .*$/.exec(String(refused)) ?? [];
  await admin.unsafe(statement);
  await admin.end();
  expect((await migrate(db.ownerUrl)).applied).toEqual(all);
});

test("tables of another system are not touched", async () => {
  await owner`create table calls (id uuid)`;
  const refused = await migrate(db.ownerUrl).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(MigrationError);
  expect(String(refused)).toMatch(/did not create/);
  expect(await tables()).toBe(1);
});

describe("missing rights of the migrator's role are reported before any change", () => {
  const root = () => postgres(db.superuserUrl, { max: 1, onnotice: () => undefined });
  const asRole = (name: string) => {
    const url = new URL(db.ownerUrl);
    url.username = name;
    return url.href;
  };

  test("membership in roles that another database's migrator made", async () => {
    await migrate(db.ownerUrl);
    const second = await emptyDatabase();
    const admin = postgres(second.superuserUrl, { max: 1, onnotice: () => undefined });
    const stranger = `stranger_${second.ownerUrl.slice(-12)}`;
    await admin.unsafe(`create role ${stranger} login createrole password 'test'`);
    await admin.unsafe(`grant all on schema public to ${stranger} with grant option`);
    const url = new URL(second.ownerUrl);
    url.username = stranger;
    try {
      // On 15, a login that may create roles may join any role, and only the database prevents it.
      const lacks =
        inject("postgresMajor") === 15
          ? /permission denied for database/
          : /GRANT call_ledger_definer, call_ledger_operator TO/;
      await expect(migrate(url.href)).rejects.toThrow(lacks);
    } finally {
      await admin.unsafe(`drop owned by ${stranger}; drop role ${stranger}`);
      await admin.end();
      await second.drop();
    }
  });

  test("the right to create tables", async () => {
    const admin = root();
    const stranger = `stranger_${db.ownerUrl.slice(-12)}`;
    await admin.unsafe(`create role ${stranger} login createrole password 'test'`);
    await admin.unsafe(`grant call_ledger_definer, call_ledger_operator to ${stranger}`);
    try {
      await expect(migrate(asRole(stranger))).rejects.toThrow(/GRANT USAGE, CREATE ON SCHEMA public/);
    } finally {
      await admin.unsafe(`drop owned by ${stranger}; drop role ${stranger}`);
      await admin.end();
    }
  });

  test("the right to grant in public is not needed if everybody has the rights, as before Postgres 15", async () => {
    const admin = root();
    await admin.unsafe(
      "alter schema public owner to current_user; grant usage, create on schema public to public",
    );
    await admin.end();
    expect((await migrate(db.ownerUrl)).applied).toEqual(all);
  });

  test("the right to grant in public, if not everybody has it", async () => {
    const admin = root();
    await admin.unsafe(
      "alter schema public owner to current_user; grant usage, create on schema public to call_ledger_test_owner",
    );
    await admin.end();
    await expect(migrate(db.ownerUrl)).rejects.toThrow(
      /GRANT USAGE, CREATE ON SCHEMA public TO .* WITH GRANT OPTION/,
    );
    expect(await tables()).toBe(0);
  });
});

test("a refused login is unreachable, not a failed migration", async () => {
  const url = new URL(db.ownerUrl);
  url.username = "nobody_at_all";
  await expect(migrate(url.href)).rejects.toMatchObject({ name: "DbError", kind: "unavailable" });
});

test("an unreachable database gives no MigrationError, and the message has no secret", async () => {
  const failure = await migrate("postgres://someone:hunter2@127.0.0.1:1/nowhere").catch(
    (error: unknown) => error,
  );
  expect(failure).toMatchObject({ name: "DbError", kind: "unavailable" });
  expect(String(failure)).not.toContain("hunter2");
});

test("code may run on a newer schema, unless a breaking migration excludes it", () => {
  expect(incompatibility({ version: 5, oldestCode: 3 }, 3)).toBeNull();
  expect(incompatibility({ version: 5, oldestCode: 4 }, 3)).toMatch(/needs a release that knows 4/);
  expect(incompatibility({ version: 2, oldestCode: 1 }, 3)).toMatch(/2 of 3 migrations/);
});
