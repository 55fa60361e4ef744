import type { PgBouncer } from "@call-ledger/testkit/process";
import { startPgBouncer } from "@call-ledger/testkit/process";
import { describeWith } from "@call-ledger/testkit/vitest";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAppLogin, migrate } from "../src/migrate/index.ts";
import type { OrganizationFixture, TestDatabase } from "../src/testing/index.ts";
import { createOrganizationFixture, emptyDatabase, rowsOf } from "../src/testing/index.ts";
import { generousDefaults, supabaseRoles } from "./supabase.setup.ts";

/*
 * The three functions as Supabase's Data API calls them: PostgREST logs in as `authenticator`, who may become anon,
 * authenticated or service_role and is none of them, and calls by name what a JSON body gives.
 */

const AUTHENTICATOR = "call_ledger_test_authenticator";

type Arguments = Readonly<Record<string, unknown>>;

/** Sends one request of the Data API. */
async function rpc(sql: postgres.Sql, role: string, name: string, body: Arguments): Promise<postgres.Row[]> {
  return sql.begin(async (tx) => {
    await tx`select set_config('role', ${role}, true), set_config('search_path', 'public, extensions', true)`;
    const taken = await tx`
      select a.name, format_type(a.type, null) as type
      from pg_proc p, unnest(p.proargnames, p.proallargtypes, p.proargmodes) a (name, type, mode)
      where p.proname = ${name} and p.pronamespace = 'public'::regnamespace and a.mode = 'i'`;
    const given = taken.filter((argument) => argument.name in body);
    expect(given).toHaveLength(Object.keys(body).length);
    return tx.unsafe(
      `select called.* from json_to_record($1::text::json) as body (${given.map((one) => `${one.name} ${one.type}`).join(", ")}),
       lateral public.${name}(${given.map((one) => `${one.name} := body.${one.name}`).join(", ")}) called`,
      [JSON.stringify(body)],
    );
  });
}

const SETUPS = [
  { setup: "a project with default privileges", prepare: generousDefaults },
  { setup: "a project without default privileges", prepare: async () => undefined },
];

describe.each(SETUPS)("$setup", ({ prepare }) => {
  let db: TestDatabase;
  let owner: postgres.Sql;
  let fixture: OrganizationFixture;
  let authenticatorUrl: string;

  beforeAll(async () => {
    db = await emptyDatabase();
    const root = postgres(db.superuserUrl, { max: 1, onnotice: () => undefined });
    await supabaseRoles(root);
    await prepare(root);
    const [found] = await root`select from pg_roles where rolname = ${AUTHENTICATOR}`;
    if (found === undefined)
      await root.unsafe(`create role ${AUTHENTICATOR} login noinherit password 'test'`);
    await root.unsafe(`grant anon, authenticated, service_role to ${AUTHENTICATOR}`);
    await root.end();
    await migrate(db.ownerUrl);
    owner = postgres(db.ownerUrl, { max: 1 });
    fixture = await createOrganizationFixture(owner);
    const url = new URL(db.ownerUrl);
    [url.username, url.password] = [AUTHENTICATOR, "test"];
    authenticatorUrl = url.href;
  });

  afterAll(async () => {
    await owner.end();
    await db.drop();
  });

  /** Tests that have to pass for every way to reach the database. */
  function laws(reach: () => string): void {
    let api: postgres.Sql;
    const call = (label: string) => `${label} ${new URL(reach()).port}`;

    beforeAll(() => {
      api = postgres(reach(), { max: 2, prepare: false, onnotice: () => undefined });
    });

    afterAll(() => api.end());

    test("service_role books a call by the three functions, and again without effect", async () => {
      const id = call("rpc");
      const base = { p_org_id: fixture.orgId, p_vapi_call_id: id };
      const requests: [string, Arguments][] = [
        [
          "create_inbound_call_atomically",
          {
            ...base,
            p_agent_id: fixture.agents[0]?.id ?? null,
            p_phone_number: "+12025550143",
            p_metadata: { campaign: 7 },
          },
        ],
        ["update_call_completed_atomically", { ...base, p_duration_seconds: 42 }],
        ["update_call_with_recording_atomically", { ...base, p_transcript: "hello", p_call_type: "inbound" }],
      ];
      for (const outcome of ["applied", "duplicate"]) {
        for (const [name, body] of requests) {
          const rows = await rpc(api, "service_role", name, body);
          expect(rows).toMatchObject([{ call_id: expect.any(String), outcome, success: true }]);
        }
      }
      expect(await rowsOf(owner, id)).toMatchObject({
        calls: { org_id: fixture.orgId, phase: "ended", duration_seconds: 42, direction: "inbound" },
        call_tracking: { metadata: { campaign: 7 } },
        call_logs: { transcript: "hello" },
      });
    });

    test("unknown input of service_role is refused with a reason", async () => {
      const body = { p_org_id: fixture.orgId, p_vapi_call_id: "", p_duration_seconds: 1 };
      await expect(rpc(api, "service_role", "update_call_completed_atomically", body)).rejects.toMatchObject({
        code: "22023",
      });
    });

    test("service_role can do nothing else", async () => {
      const tables = await owner`select t::text as name from call_ledger.own_tables() t`;
      const statements = [
        ...tables.flatMap(({ name }) => [`select from ${name}`, `delete from ${name}`, `truncate ${name}`]),
        "insert into organizations (name) values ('x')",
        "select * from record_deliveries('[]', '{}')",
        "select replay_waiting(1)",
        "select call_ledger.own_tables()",
      ];
      const ended = await Promise.allSettled(
        statements.map((statement) =>
          api.begin(async (tx) => {
            await tx`select set_config('role', 'service_role', true)`;
            await tx.unsafe(statement);
          }),
        ),
      );
      expect(ended.map((one) => (one.status === "rejected" ? one.reason.code : "passed"))).toEqual(
        statements.map(() => "42501"),
      );
    });

    test.each(["anon", "authenticated"])("%s can do nothing", async (role) => {
      const base = { p_org_id: fixture.orgId, p_vapi_call_id: call("stranger") };
      const attempts = [
        rpc(api, role, "create_inbound_call_atomically", { ...base, p_agent_id: null, p_phone_number: "1" }),
        rpc(api, role, "update_call_completed_atomically", { ...base, p_duration_seconds: 1 }),
        rpc(api, role, "update_call_with_recording_atomically", { ...base, p_transcript: "x" }),
        ...[
          "select * from calls",
          "delete from calls",
          "truncate calls",
          "insert into organizations default values",
        ].map((statement) =>
          api.begin(async (tx) => {
            await tx`select set_config('role', ${role}, true)`;
            await tx.unsafe(statement);
          }),
        ),
      ];
      const ended = await Promise.allSettled(attempts);
      expect(ended.map((one) => (one.status === "rejected" ? one.reason.code : "passed"))).toEqual(
        attempts.map(() => "42501"),
      );
      expect(await rowsOf(owner, call("stranger"))).toBeNull();
    });
  }

  describe("directly", () => laws(() => authenticatorUrl));

  describeWith("pgbouncer", "through a pooler in transaction mode", (program) => {
    let bouncer: PgBouncer;

    beforeAll(async () => {
      bouncer = await startPgBouncer(program, [authenticatorUrl]);
    });

    afterAll(() => bouncer.stop());

    laws(() => bouncer.through(authenticatorUrl));
  });
});

describeWith("pgbouncer", "a pooler that needs the project after the role", (program) => {
  test("the application's login gets a URL for the same pooler", async () => {
    const db = await emptyDatabase();
    await migrate(db.ownerUrl);
    const { username } = new URL(db.ownerUrl);
    const bouncer = await startPgBouncer(program, [db.ownerUrl], { [`${username}.project`]: username });
    const pooled = new URL(bouncer.through(db.ownerUrl));
    pooled.username = `${username}.project`;
    const name = `call_ledger_app_${pooled.port}`;
    const url = await createAppLogin(pooled.href, { name });
    expect(new URL(url)).toMatchObject({ username: `${name}.project`, host: pooled.host });
    bouncer.stop();
    await db.drop();
    const root = postgres(db.superuserUrl.replace(/\/[^/]*$/, "/postgres"), { max: 1 });
    await root.unsafe(`drop owned by ${name}; drop role ${name}`);
    await root.end();
  });
});
