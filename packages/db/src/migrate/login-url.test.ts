import { expect, test } from "vitest";
import { loginUrl } from "./login-url.ts";

const login = { name: "call_ledger_app", password: "p@ss/word" };
const POOLER = "aws-1-eu-central-1.pooler.supabase.com";

test.each([
  [
    "directly",
    "postgres://postgres:x@db.abc.supabase.co:5432/postgres",
    "postgres://call_ledger_app:p%40ss%2Fword@db.abc.supabase.co:5432/postgres",
  ],
  [
    "through Supabase's session pooler, by the transaction pooler of the same project",
    `postgres://postgres.abc:x@${POOLER}:5432/postgres?sslmode=require`,
    `postgres://call_ledger_app.abc:p%40ss%2Fword@${POOLER}:6543/postgres?sslmode=require`,
  ],
  [
    "through Supabase's pooler without a port",
    `postgres://postgres.abc:x@${POOLER}/postgres`,
    `postgres://call_ledger_app.abc:p%40ss%2Fword@${POOLER}:6543/postgres`,
  ],
  [
    "through a self-hosted Supavisor",
    "postgres://postgres.tenant:x@pooler.example.test:5432/postgres",
    "postgres://call_ledger_app.tenant:p%40ss%2Fword@pooler.example.test:5432/postgres",
  ],
  [
    "as an owner whose name only begins in the same way",
    "postgres://postgresql:x@db.example.test/ledger",
    "postgres://call_ledger_app:p%40ss%2Fword@db.example.test/ledger",
  ],
])("the login's URL for an owner who connects %s", (_way, owner, expected) => {
  expect(loginUrl(owner, "postgres", login)).toBe(expected);
});
