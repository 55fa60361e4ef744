import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  applyMigrations,
  createAppLogin,
  LoginTaken,
  MIGRATIONS_FOLDER,
  MigrationError,
  migrate,
  migrationStatus,
  readJournal,
} from "../src/migrate/index.ts";
import type { TestDatabase } from "../src/testing/index.ts";
import { emptyDatabase, testDatabase } from "../src/testing/index.ts";

/*
 * Two ledgers on one server. The first is migrated, the second is empty, and sharing was not allowed.
 */

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const DRIZZLE_KIT = join(ROOT, "node_modules/.bin/drizzle-kit");

let first: TestDatabase;
let second: TestDatabase;
let root: postgres.Sql;
const nameOf = (db: TestDatabase) => new URL(db.ownerUrl).pathname.slice(1);

beforeEach(async () => {
  [first, second] = await Promise.all([testDatabase(), emptyDatabase()]);
  root = postgres(second.superuserUrl, { max: 1, onnotice: () => undefined });
  await root.unsafe(`alter database ${nameOf(second)} set call_ledger.share_roles = off`);
});
afterEach(async () => {
  await root.end();
  await Promise.all([first.drop(), second.drop()]);
});

test("a second ledger is refused, unless the owner allows the two to share roles", async () => {
  const refused = migrate(second.ownerUrl);
  await expect(refused).rejects.toBeInstanceOf(MigrationError);
  await expect(refused).rejects.toThrow(new RegExp(`${nameOf(first)}.*server of its own.*add --share-roles`));
  expect((await root`select to_regnamespace('call_ledger') as schema`)[0]?.schema).toBeNull();

  const standing = await migrationStatus(second.ownerUrl);
  expect([standing.fault, standing.script]).toEqual([expect.stringContaining(nameOf(first)), null]);
  const shared = await migrationStatus(second.ownerUrl, undefined, { shareRoles: true });
  expect([shared.fault, shared.script]).toEqual([null, expect.stringContaining("begin")]);

  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  expect((await migrate(second.ownerUrl, { log, shareRoles: true })).applied.length).toBeGreaterThan(0);
  expect(lines.filter((line) => line.includes("Roles belong to the server"))).toEqual([]);
});

/** Runs drizzle-kit as the pipeline does. */
function drizzleKit(url: string) {
  const { status, stdout, stderr } = spawnSync(DRIZZLE_KIT, ["migrate"], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, DATABASE_URL: url },
    encoding: "utf8",
  });
  return { status, printed: stdout + stderr };
}

test("drizzle-kit alone refuses a second ledger too", async () => {
  const refused = drizzleKit(second.ownerUrl);
  expect(refused.status).not.toBe(0);
  expect((await root`select to_regnamespace('call_ledger') as schema`)[0]?.schema).toBeNull();
  await root.unsafe(`alter database ${nameOf(second)} set call_ledger.share_roles = on`);
  expect(drizzleKit(second.ownerUrl)).toMatchObject({ status: 0 });
});

test("an update by drizzle-kit of two ledgers that share the server is a warning", async () => {
  const guard = readJournal(MIGRATIONS_FOLDER).findIndex(({ tag }) => tag.endsWith("_refuse_second_ledger"));
  const older = readJournal(MIGRATIONS_FOLDER).slice(0, guard);
  const owner = postgres(second.ownerUrl, { max: 1, onnotice: () => undefined });
  await owner.begin((tx) => applyMigrations(tx, older));
  await owner.end();
  const { status, printed } = drizzleKit(second.ownerUrl);
  expect([status, printed]).toEqual([0, expect.stringContaining("Roles belong to the server")]);
});

test("two ledgers that share the server already are migrated, with a warning", async () => {
  await migrate(second.ownerUrl, { shareRoles: true });
  const lines: string[] = [];
  await migrate(second.ownerUrl, { log: (line) => lines.push(line) });
  expect(lines).toEqual([expect.stringContaining("Roles belong to the server")]);
});

test("a login of another database gets no new password; a login of its own opens this one", async () => {
  await migrate(second.ownerUrl, { shareRoles: true });
  const name = `call_ledger_test_${nameOf(first)}`.slice(0, 60);
  const firstUrl = await createAppLogin(first.ownerUrl, { name });
  const taken = createAppLogin(second.ownerUrl, { name });
  await expect(taken).rejects.toBeInstanceOf(LoginTaken);
  await expect(taken).rejects.toThrow(new RegExp(`${name} is the login of the database ${nameOf(first)}`));
  const app = postgres(firstUrl, { max: 1 });
  expect(await app`select 1 as one`).toEqual([{ one: 1 }]);
  await app.end();

  await createAppLogin(second.ownerUrl, { name: `${name}_2` });
  await createAppLogin(second.ownerUrl, { name: `${name}_2` });
  const others = postgres(first.superuserUrl, { max: 1 });
  await others.unsafe(`drop owned by ${name}`);
  await others.end();
  await root.unsafe(`drop owned by ${name}_2; drop role ${name}, ${name}_2`);
});

test("a role that is not a login of call-ledger keeps its password", async () => {
  for (const name of ["call_ledger_test_owner", "call_ledger_definer"]) {
    await expect(createAppLogin(first.ownerUrl, { name })).rejects.toThrow(/is not a login of call-ledger/);
  }
});
