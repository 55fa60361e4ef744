import { emptyDatabase, testDatabase } from "@call-ledger/db/testing";
import postgres from "postgres";
import { describe, expect, test } from "vitest";
import { AdoptionError } from "../src/adopt/index.ts";
import { A, AGENT_A, useLegacyDatabase } from "./adoption-under-test.ts";

const legacy = useLegacyDatabase({ whole: true });
const id = (number: number) => `cccccccc-0000-4000-8000-${String(number).padStart(12, "0")}`;

test("a dry run names other objects that depend on the tables, with the true effect on each", async () => {
  const { dependents } = await legacy.adopt({ dryRun: true });
  expect(dependents.map(({ kind, name, tables }) => `${kind}: ${name} (${tables.join(", ")})`)).toEqual([
    "foreign key: inbound_agent_config_org_id_fkey of inbound_agent_config (organizations)",
    "foreign key: leads_last_call_id_fkey of leads (call_logs)",
    "foreign key: leads_org_id_fkey of leads (organizations)",
    "foreign key: profiles_org_id_fkey of profiles (organizations)",
    "function: calls_of(uuid) (call_logs)",
    "function: create_inbound_call_atomically(uuid,text) (call_tracking)",
    "function: sign_up() (organizations)",
    "policy: leads of callers of leads (call_logs)",
    "publication: live_calls (call_tracking)",
    "trigger of an old table: call_logs_touch (call_logs)",
    "trigger that writes to them: on_sign_up of auth.users (organizations)",
    "view: calls_a_day (calls)",
    "view: recent_calls (call_logs)",
  ]);
  await legacy.adopt();
  await legacy.root`insert into organizations (id, name) values (${id(9)}, 'new')`;
  await expect(legacy.root`insert into leads (org_id) values (${id(9)})`).rejects.toMatchObject({
    code: "23503",
  });
  await expect(legacy.root`insert into auth.users (email) values ('a@b.test')`).rejects.toMatchObject({
    code: "42703",
  });
  expect((await legacy.adopt({ dryRun: true })).dependents).toEqual([]);
});

test("the partitions of an old table move with it, and other roles cannot read them", async () => {
  await legacy.root.unsafe(`
    drop table processed_webhook_events;
    create table processed_webhook_events (id bigint, event_id text, call_id text, event_type text)
      partition by list (event_type);
    create table call_routes partition of processed_webhook_events default;
    alter table processed_webhook_events owner to call_ledger_test_owner;
    alter table call_routes owner to call_ledger_test_owner;
    grant select on call_routes to public`);
  await legacy.adopt();
  const [found] = await legacy.root`
    select relrowsecurity as secured, exists (select from aclexplode(relacl) where grantee = 0) as open
    from pg_class where oid = 'adopted.call_routes'::regclass`;
  expect(found).toEqual({ secured: true, open: false });
});

test("it is refused beside another ledger before anything is moved", async () => {
  const other = await testDatabase();
  await legacy.root.unsafe(`do $$ begin
    execute format('alter database %I set call_ledger.share_roles = off', current_database()); end $$`);
  for (const dryRun of [true, false]) {
    await expect(legacy.adopt({ dryRun })).rejects.toThrow(/add --share-roles/);
  }
  expect(await legacy.root`select from pg_namespace where nspname = 'adopted'`).toHaveLength(0);
  await other.drop();
});

describe("from another database", () => {
  const inNewLedger = async (work: (ownerUrl: string, root: postgres.Sql) => Promise<void>) => {
    const fresh = await emptyDatabase();
    const root = postgres(fresh.superuserUrl, { max: 1, onnotice: () => undefined });
    try {
      await work(fresh.ownerUrl, root);
    } finally {
      await root.end();
      await fresh.drop();
    }
  };
  const addCalls = () =>
    legacy.root`insert into call_logs (org_id, vapi_call_id, status, to_number, agent_id) values
      (${A}, 'mine', 'completed', '+12025550143', ${AGENT_A}), (null, 'nobodys', 'completed', null, null)`;

  test("the old database does not change, and the new one equals that of an adoption in place", async () => {
    await addCalls();
    const old = () =>
      legacy.root.unsafe(`select n.nspname, c.relname, c.relacl::text, c.relforcerowsecurity, c.reltuples, pg_relation_filenode(c.oid)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('public', 'adopted') order by 1, 2`);
    const before = await old();
    await inNewLedger(async (into, root) => {
      const foretold = await legacy.adopt({ dryRun: true, into });
      expect(legacy.counts(foretold)).toEqual({ moved: 5, unattributed: 1, duplicates: 0, rows: 6 });
      expect(await legacy.adopt({ into })).toEqual(foretold);
      expect(await old()).toEqual(before);
      expect((await root`select org_id, agent_id, customer_number from calls`)[0]).toEqual({
        org_id: A,
        agent_id: AGENT_A,
        customer_number: "+12025550143",
      });
      expect((await root`select reason from adopted.unattributed`)[0]).toEqual({ reason: "no_organization" });
      expect(legacy.counts(await legacy.adopt({ into }))).toMatchObject({ moved: 0, duplicates: 5 });
    });
  });

  test("a later run counts only the rows that are new of a call that the ledger knows", async () => {
    await addCalls();
    const said = (text: string) =>
      legacy.add("call_transcripts", { vapi_call_id: "mine", speaker: "agent", text });
    await said("Good morning.");
    await said("How can I help?");
    await inNewLedger(async (into) => {
      await legacy.adopt({ into });
      await said("Goodbye.");
      for (const dryRun of [true, false]) {
        const { calls, tables } = await legacy.adopt({ dryRun, into });
        expect([calls, tables.call_transcripts, tables.call_logs]).toEqual([
          1,
          { moved: 1, unattributed: 0, duplicates: 2 },
          { moved: 0, unattributed: 1, duplicates: 1 },
        ]);
      }
    });
  });

  test("each obstacle is named", async () => {
    await inNewLedger(async (into, root) => {
      await expect(legacy.adopt({ into, as: legacy.db.ownerUrl })).rejects.toThrow(
        /may not read every row of call_logs.*BYPASSRLS/,
      );
      await expect(legacy.adopt({ into, as: into })).rejects.toThrow(/check the URL of --from/);
      expect(await root`select from pg_class where relname = 'calls'`).toHaveLength(0);
    });
    await expect(legacy.adopt({ into: legacy.db.ownerUrl })).rejects.toThrow(AdoptionError);
  });
});

test("tables of another schema are read where they are, in place and from another database", async () => {
  await legacy.add("call_logs", { org_id: A, vapi_call_id: "one", status: "completed" });
  await legacy.root.unsafe(`create schema "The App"; alter schema "The App" owner to call_ledger_test_owner;
    do $$ declare t text; begin
      for t in select tablename from pg_tables where schemaname = 'public' loop
        execute format('alter table public.%I set schema "The App"', t);
      end loop; end $$; drop function create_inbound_call_atomically(uuid, text)`);
  const fresh = await emptyDatabase();
  const expected = { moved: 5, unattributed: 0, duplicates: 0, rows: 5 };
  for (const into of [undefined, fresh.ownerUrl]) {
    const login = `${legacy.db.ownerUrl}?search_path="The App"`;
    const options = into === undefined ? { login } : { into };
    const foretold = await legacy.adopt({ ...options, dryRun: true });
    expect([legacy.counts(foretold), foretold.oldSchema]).toEqual([expected, "The App"]);
    expect(await legacy.adopt(options)).toEqual(foretold);
    expect(legacy.counts(await legacy.adopt(options))).toMatchObject({ moved: 0, duplicates: 5 });
  }
  expect(
    await legacy.root`select from pg_tables where schemaname = 'The App' and tablename = 'call_logs'`,
  ).toHaveLength(1);
  await legacy.root.unsafe("create schema copy; create table copy.calls (vapi_call_id text)");
  await expect(legacy.adopt()).rejects.toThrow(
    /the schemas The App, copy have such tables.*search_path=The App/,
  );
  await fresh.drop();
});
