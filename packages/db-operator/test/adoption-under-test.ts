import type { TestDatabase } from "@call-ledger/db/testing";
import { copyOf, emptyDatabase, testDatabase } from "@call-ledger/db/testing";
import { addWholeApplication, createLegacyTables } from "@call-ledger/testkit/legacy";
import { testCluster } from "@call-ledger/testkit/vitest";
import postgres from "postgres";
import { afterEach, beforeEach } from "vitest";
import type { AdoptionResult } from "../src/adopt/index.ts";
import { adopt } from "../src/adopt/index.ts";

/** Two organizations, each with an agent. */
export const A = "aaaaaaaa-0000-4000-8000-000000000001";
export const B = "bbbbbbbb-0000-4000-8000-000000000001";
export const AGENT_A = "aaaaaaaa-0000-4000-8000-0000000000a9";
export const AGENT_B = "bbbbbbbb-0000-4000-8000-0000000000a9";

export type AdoptionUnderTest = {
  db: TestDatabase;
  /** A connection with all rights, from which the old tables' forced row-level security hides nothing. */
  root: postgres.Sql;
  /**
   * `into`: the owner's URL of another database, which reads the old one. `as`: the login that reads it. `login`: the
   * URL that adopts in place, instead of the owner's.
   */
  adopt(options?: {
    dryRun?: boolean;
    into?: string;
    as?: string;
    login?: string;
    applicationStopped?: boolean;
  }): Promise<AdoptionResult>;
  /** Adds a row to an old table, in its present schema. */
  add(table: string, row: Readonly<Record<string, unknown>>): Promise<void>;
  /** Returns only the counts of a run. */
  counts(report: AdoptionResult): object;
};

type Era = { readonly older: boolean; readonly whole: boolean };

/**
 * A legacy database for each test. `older`: without later columns and tables, on the oldest Postgres; `whole`: with all
 * tables of the application; `adopted`: adopted before it had a call, so that a test about its rows does not wait for
 * all migrations.
 */
export function useLegacyDatabase({ older = false, whole = false, adopted = false } = {}): AdoptionUnderTest {
  const era = {
    adopt: ({ dryRun = false, into, as = era.db.superuserUrl, login, applicationStopped = true } = {}) =>
      adopt(into ?? login ?? era.db.ownerUrl, {
        dryRun,
        applicationStopped,
        from: into === undefined ? undefined : as,
        endingNamed: (reason) => (reason === "customer-busy" ? { reason, outcome: "busy" } : null),
        now: Date.UTC(2026, 2, 12),
        log: () => undefined,
      }),
    async add(table, row) {
      const [moved] = await era.root`select to_regclass(${`adopted.${table}`}) is not null as there`;
      await era.root`insert into ${era.root(moved?.there ? "adopted" : "public")}.${era.root(table)} ${era.root(row)}`;
    },
    counts: ({ moved, unattributed, duplicates, rows }) => ({ moved, unattributed, duplicates, rows }),
  } as AdoptionUnderTest;

  beforeEach(async () => {
    era.db = await (adopted ? adoptedDatabase() : legacyDatabase({ older, whole }));
    era.root = postgres(era.db.superuserUrl, { max: 1, onnotice: () => undefined });
  });
  afterEach(async () => {
    await era.root.end();
    await era.db.drop();
  });
  return era;
}

let roles: Promise<void> | undefined;

async function legacyDatabase({ older, whole }: Era): Promise<TestDatabase> {
  // The first migrations of a server create its roles. Two of them at once may not see each other's.
  roles ??= testDatabase().then((db) => db.drop());
  await roles;
  const db = await emptyDatabase(older ? (await testCluster(15)).superuserUrl : undefined);
  const owner = postgres(db.ownerUrl, { max: 1, onnotice: () => undefined });
  await createLegacyTables(owner, { older });
  if (whole) await addWholeApplication(owner);
  await owner.end();
  const root = postgres(db.superuserUrl, { max: 1 });
  for (const [id, agent, name] of [
    [A, AGENT_A, "a"],
    [B, AGENT_B, "b"],
  ] as const) {
    await root`insert into organizations ${root({ id, name, created_at: "2025-01-01T00:00:00Z" })}`;
    await root`insert into agents ${root({ id: agent, org_id: id, name, vapi_assistant_id: `asst-${name}` })}`;
  }
  await root.end();
  return db;
}

let firstAdopted: Promise<TestDatabase> | undefined;

/** Returns a copy of a database that is made once for each worker of the run. */
async function adoptedDatabase(): Promise<TestDatabase> {
  firstAdopted ??= legacyDatabase({ older: false, whole: false }).then(async (db) => {
    const options = {
      dryRun: false,
      endingNamed: () => null,
      now: Date.UTC(2026, 2, 12),
      log: () => undefined,
    };
    await adopt(db.ownerUrl, options);
    return db;
  });
  return copyOf(await firstAdopted);
}

/** A fingerprint of the content of all tables of the ledger, with all columns, also the times of changes. */
export async function contentOf(sql: postgres.Sql): Promise<string> {
  const tables = await sql`select t::text as name from call_ledger.own_tables() t
    where t::text not like 'call_change%' order by 1`;
  const parts: string[] = [];
  for (const { name } of tables) {
    const [row] =
      await sql.unsafe(`select count(*) || ':' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') as print
      from ${name} t`);
    parts.push(`${name} ${row?.print}`);
  }
  return parts.join("\n");
}
