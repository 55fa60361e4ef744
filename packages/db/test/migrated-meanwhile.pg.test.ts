import postgres from "postgres";
import { expect, test } from "vitest";
import { rowsOf } from "../src/testing/index.ts";
import { ended, ringing, useLedger } from "../src/testing/ledger-under-test.ts";

/*
 * A migration commits while a delivery is being booked. The booking function has begun, waits for a lock of the
 * migration, and continues in a schema that lacks what the rest of it needs.
 */

const ledger = useLedger();

/** Runs and commits `migration` while `work` waits for a table that the migration has locked. */
async function migrateDuring<T>(
  work: () => Promise<T>,
  migration: (sql: postgres.TransactionSql) => Promise<unknown>,
): Promise<T> {
  const sql = postgres(ledger.db.ownerUrl, { max: 1, onnotice: () => undefined });
  try {
    const working = await sql.begin(async (transaction) => {
      await transaction`lock table processed_webhook_events in access exclusive mode`;
      const begun = work();
      while ((await transaction`select from pg_locks where not granted`).length === 0);
      await migration(transaction);
      return { answer: begun };
    });
    return await working.answer;
  } finally {
    await sql.end();
  }
}

/** Creates a function again, with another text in its definition. */
async function replaceIn(sql: postgres.TransactionSql, name: string, before: string, after: string) {
  const [found] = await sql`select pg_get_functiondef(oid) as text from pg_proc where proname = ${name}`;
  await sql.unsafe(found?.text.replaceAll(before, after));
}

test("a booking survives the replacement of a function meanwhile", async () => {
  expect(await ledger.book(ledger.delivery(ringing))).toEqual(["applied"]);
  const booked = await migrateDuring(
    () => ledger.book(ledger.delivery(ended)),
    async (sql) => {
      await replaceIn(sql, "summarize_calls", "summarize_calls", "summarize_calls_anew");
      await replaceIn(sql, "record_deliveries", "summarize_calls", "summarize_calls_anew");
      await sql.unsafe("drop function call_ledger.summarize_calls(uuid[], uuid[])");
    },
  );
  expect(booked).toEqual(["applied"]);
  expect((await rowsOf(ledger.owner, ledger.call))?.calls).toMatchObject({ phase: "ended" });
});

test("a booking survives the renaming of a column meanwhile", async () => {
  expect(await ledger.book(ledger.delivery(ringing))).toEqual(["applied"]);
  const booked = await migrateDuring(
    () => ledger.book(ledger.delivery(ended)),
    async (sql) => {
      await sql.unsafe("alter table processed_webhook_events rename column details to particulars");
      await replaceIn(sql, "record_deliveries", "phase, details,", "phase, particulars,");
    },
  );
  expect(booked).toEqual(["applied"]);
});

test("a query that does not match the schema fails after its second attempt", async () => {
  const attempts: string[] = [];
  const asked = ledger.pool.run((sql) => {
    attempts.push("asked");
    return sql.unsafe("select * from there_is_no_such_table");
  }, 5_000);
  await expect(asked).rejects.toMatchObject({ kind: "bug", code: "42P01" });
  expect(attempts).toHaveLength(2);
});
