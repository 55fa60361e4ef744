import postgres from "postgres";
import { expect, inject, test } from "vitest";
import { provisionDatabase } from "../src/index.ts";

declare module "vitest" {
  interface ProvidedContext {
    readonly postgresUrl: string;
  }
}

test("the owner owns the database, may create roles, and is no superuser", async () => {
  const first = await provisionDatabase(inject("postgresUrl"), "first-password");
  const { ownerUrl } = await provisionDatabase(inject("postgresUrl"), "second_password");
  expect(new URL(first.ownerUrl).password).toBe("first-password");
  const sql = postgres(ownerUrl, { max: 1 });
  const [role] = await sql`
    SELECT rolsuper, rolbypassrls, rolcreatedb, rolcreaterole, rolcanlogin, current_database() AS database,
      (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()) AS owner
    FROM pg_roles WHERE rolname = current_user`;
  await sql.end();
  expect(role).toEqual({
    rolsuper: false,
    rolbypassrls: false,
    rolcreatedb: false,
    rolcreaterole: true,
    rolcanlogin: true,
    database: "call_ledger",
    owner: "call_ledger_owner",
  });
});

test("a password that would need quoting is refused", async () => {
  await expect(provisionDatabase(inject("postgresUrl"), "a'b")).rejects.toThrow("characters it may not have");
});
