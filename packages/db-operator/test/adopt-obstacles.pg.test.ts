import postgres from "postgres";
import { describe, expect, test } from "vitest";
import { AdoptionError } from "../src/adopt/index.ts";
import { A, useLegacyDatabase } from "./adoption-under-test.ts";

const legacy = useLegacyDatabase();
const OWNER = "call_ledger_test_owner";

/** The present relations and functions, with their schemas. */
const catalog = () =>
  legacy.root.unsafe(`
    select n.nspname, c.relname, c.relforcerowsecurity from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    union all select pronamespace::regnamespace::text, proname, null from pg_proc
    where pronamespace = 'public'::regnamespace order by 1, 2`);

describe("the dry run finds what would stop the run, which then changes nothing", () => {
  test.each([
    [
      "an index with the name of one of ours",
      "create table archive (id int constraint call_routes_pkey primary key)",
      /public\.call_routes_pkey \(index of archive\).*Rename/,
    ],
    [
      "relations with the names of ours",
      "create table sessions (id int); create view members as select 1 as one",
      /names public\.members, public\.sessions,.*Rename them/,
    ],
    [
      "a type with the name of one of ours",
      "create type call_phase as enum ('x')",
      /public\.call_phase \(type\)/,
    ],
    ["a type with the name of a table", "create domain members as text", /public\.members \(type\)/],
    [
      "the journal of another application",
      `create schema drizzle authorization ${OWNER};
       create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint);
       insert into drizzle.__drizzle_migrations (hash, created_at) values ('theirs', 1);
       alter table drizzle.__drizzle_migrations owner to ${OWNER}`,
      /drizzle\.__drizzle_migrations.*ALTER SCHEMA drizzle RENAME TO/,
    ],
    [
      "no right to create in public",
      `alter schema public owner to current_user; grant usage on schema public to ${OWNER} with grant option`,
      /may not create tables.*GRANT USAGE, CREATE ON SCHEMA public TO ".*" WITH GRANT OPTION/,
    ],
    [
      "a right to create in public that it may not grant",
      `alter schema public owner to current_user; grant usage, create on schema public to ${OWNER}`,
      /GRANT USAGE, CREATE ON SCHEMA public TO ".*" WITH GRANT OPTION/,
    ],
    [
      "a function of another role",
      "alter function create_inbound_call_atomically(uuid, text) owner to current_user",
      /does not own create_inbound_call_atomically\(uuid,text\).*ALTER ROUTINE … OWNER TO/,
    ],
    ["a schema of another role", "create schema call_ledger", /does not own the schema call_ledger/],
  ])("%s", async (_what, change, message) => {
    await legacy.root.unsafe(change);
    const before = await catalog();
    for (const dryRun of [true, false]) {
      const refused = await legacy.adopt({ dryRun }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(AdoptionError);
      expect(String(refused)).toMatch(message);
    }
    expect(await catalog()).toEqual(before);
  });

  test("a function of ours that is not moved, because the tables are in another schema", async () => {
    await legacy.root.unsafe(`create schema app authorization ${OWNER};
      do $$ declare t text; begin
        for t in select tablename from pg_tables where schemaname = 'public' loop
          execute format('alter table public.%I set schema app', t);
        end loop; end $$`);
    await expect(legacy.adopt({ dryRun: true })).rejects.toThrow(
      /public\.create_inbound_call_atomically\(uuid,text\) \(function\)/,
    );
  });
});

test("if the migrations fail, the tables stay where they are, and the next run adopts them", async () => {
  await legacy.add("call_logs", { org_id: A, vapi_call_id: "one", status: "completed" });
  await legacy.root.unsafe(`create function refuse() returns event_trigger language plpgsql as
    $$ begin raise exception 'no more types'; end $$;
    create event trigger no_types on ddl_command_start when tag in ('CREATE TYPE') execute function refuse()`);
  const before = await catalog();
  const failed = await legacy.adopt().catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(AdoptionError);
  expect(String(failed)).toMatch(/no more types.*run adopt again/);
  expect(await catalog()).toEqual(before);
  await legacy.root.unsafe("drop event trigger no_types");
  expect(await legacy.adopt()).toMatchObject({ calls: 1 });
});

describe("a dry run and the application that goes on", () => {
  test("a login that row-level security does not bind reads tables in use, and locks nobody out", async () => {
    await legacy.add("call_logs", { org_id: A, vapi_call_id: "one", status: "completed" });
    const application = postgres(legacy.db.superuserUrl, { max: 1 });
    await application.unsafe("begin; insert into call_logs (vapi_call_id) values ('being written')");
    const login = legacy.db.superuserUrl;
    expect(await legacy.adopt({ dryRun: true, login, applicationStopped: false })).toMatchObject({
      calls: 1,
    });
    await application.end({ timeout: 0 });
  });

  test("another login is refused, unless the application is stopped", async () => {
    await legacy.add("call_logs", { org_id: A, vapi_call_id: "one", status: "completed" });
    const refused = await legacy.adopt({ dryRun: true, applicationStopped: false }).catch((error) => error);
    expect(refused).toBeInstanceOf(AdoptionError);
    expect(String(refused)).toMatch(/may not read every row of call_logs.*BYPASSRLS.*--application-stopped/);
    expect(await legacy.adopt({ dryRun: true })).toMatchObject({ calls: 1 });
  });
});
