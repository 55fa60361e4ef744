import type { TestDatabase } from "@call-ledger/db/testing";
import { emptyDatabase } from "@call-ledger/db/testing";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { check, usePreflight } from "./harness/preflight-under-test.ts";

const under = usePreflight();

describe("the effects of pending migrations", () => {
  test("rows_that_would_violate: each kind of rule, with counts and ids", async () => {
    under.tree.addMigration(
      "rules",
      `ALTER TABLE "call_logs" ADD CONSTRAINT "long_enough" CHECK ("call_logs"."duration_seconds" > 60);
ALTER TABLE "calls" ALTER COLUMN "customer_number" SET NOT NULL;
CREATE UNIQUE INDEX "one_each" ON "call_tracking" ("org_id") WHERE phase is not null;
ALTER TABLE "call_routes" ADD CONSTRAINT "to_org" FOREIGN KEY ("provider_account_id") REFERENCES "public"."organizations"("id");
ALTER TABLE "agents" ADD COLUMN "language" text NOT NULL;
ALTER TABLE "calls" ADD COLUMN "color" text;
ALTER TABLE "calls" ADD CONSTRAINT "colors" CHECK (color <> 'red');
ALTER TABLE "calls" ADD CONSTRAINT "fine" CHECK (duration_seconds >= 0);`,
    );
    const { failed, failedIds } = await check(under);
    expect(failedIds).toEqual(["rows_that_would_violate"]);
    const said = failed[0]?.found.split("; ") ?? [];
    expect(said[0]).toBe("6 rules compared with the rows");
    expect(said.slice(1)).toEqual([
      expect.stringMatching(
        /^\d{4}_rules: long_enough \(check\) on call_logs: 2 rows, such as [0-9a-f-]{36}, [0-9a-f-]{36}$/,
      ),
      expect.stringMatching(/customer_number \(not null\) on calls: 2 rows/),
      expect.stringMatching(/one_each \(unique\) on call_tracking: 1 groups of equal rows/),
      expect.stringMatching(/to_org \(foreign key\) on call_routes: 2 rows/),
      expect.stringMatching(/language \(required column\) on agents: 3 rows/),
    ]);
  });

  test("rows that the migration corrects are reported and pass; an unreadable statement fails", async () => {
    under.tree.addMigration(
      "mends",
      `update calls set customer_number = 'unknown' where customer_number is null;
ALTER TABLE "calls" ALTER COLUMN "customer_number" SET NOT NULL;`,
    );
    const mended = await check(under);
    expect(mended.failedIds).toEqual([]);
    expect(mended.found("rows_that_would_violate")).toContain("the migration changes this table itself");
    under.tree.addMigration("hidden", "do $$ begin alter table calls add constraint x check (true); end $$;");
    const { failed } = await check(under);
    expect(failed.map(({ id, found }) => [id, found])).toEqual([
      ["rows_that_would_violate", expect.stringContaining("not read: ")],
    ]);
  });

  test("lock_risk: a scan of a large table under a lock, and a column that older code reads", async () => {
    const constraint = `ALTER TABLE "processed_webhook_events" ADD CONSTRAINT "typed" CHECK (event_type <> '');`;
    under.tree.addMigration(
      "lock",
      `${constraint}\ncreate table later (id int);\ncreate index on later (id);`,
    );
    const small = await check(under);
    expect([small.failedIds, small.found("lock_risk")]).toEqual([
      [],
      expect.stringMatching(/^1 pending; on small tables, which is no risk: \w+:\d+ [\w-]+ on \w+ \(0 MB\)$/),
    ]);
    await under.ledger.breakWith(`insert into processed_webhook_events
      (org_id, event_id, event_type, provider, provider_call_id, received_at, payload)
      select gen_random_uuid(), 'big:' || n, 't', 'vapi', 'c', now(), convert_to(repeat('x', 5000000), 'utf8')
      from generate_series(1, 7) n`);
    under.tree.addMigration("drop", 'ALTER TABLE "calls" DROP COLUMN "ended_reason";');
    const { failed } = await check(under);
    expect(failed.map(({ id, found }) => [id, found])).toEqual([
      [
        "lock_risk",
        expect.stringMatching(
          /^\d{4}_lock:1 constraint-missing-not-valid on processed_webhook_events \(\d\d MB\); \d{4}_drop:1 ban-drop-column on calls \(0 MB\)$/,
        ),
      ],
    ]);
  });
});

describe("a legacy database", () => {
  let era: TestDatabase;
  beforeEach(async () => {
    era = await emptyDatabase();
    const owner = postgres(era.ownerUrl, { max: 1 });
    await owner.unsafe(`create table calls (id uuid default gen_random_uuid(), org_id uuid, phone_number text);
      insert into calls (phone_number) values ('+12025550199'); insert into calls (org_id) values (gen_random_uuid())`);
    await owner.end();
  });
  afterEach(() => era.drop());

  test("privileges name the table of another application", async () => {
    const { failed, said } = await check(under, {
      env: { DIRECT_DATABASE_URL: era.ownerUrl, DATABASE_URL: era.ownerUrl },
      oldestMs: null,
    });
    expect(failed.map(({ id, found }) => [id, found])).toEqual([
      ["privileges", expect.stringContaining("public.calls that call-ledger did not create")],
    ]);
    expect(said).not.toContain("5550199");
  });
});
