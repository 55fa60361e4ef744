import { expect, test } from "vitest";
import { openPool } from "../src/client/index.ts";
import { testDatabase } from "../src/testing/index.ts";

const MEGABYTE = 1024 * 1024;

test("the memory of large messages is free as soon as they are sent", async () => {
  const db = await testDatabase();
  const pool = openPool(db.appUrl, { max: 1, name: "test", prepare: true });
  const send = (text: string) =>
    pool.run(
      (sql) =>
        sql.unsafe<{ bytes: number }[]>(
          "select octet_length($1::text) + octet_length($2::text) as bytes",
          [text, text],
          {
            prepare: true,
          },
        ),
      10_000,
    );
  // The first message is another one, because it contains the statement.
  await send("a");
  const before = process.memoryUsage().arrayBuffers;
  const [row] = await send("я".repeat(2 * MEGABYTE));
  const left = process.memoryUsage().arrayBuffers - before;
  expect(row?.bytes).toBe(8 * MEGABYTE);
  expect(left).toBeLessThan(MEGABYTE);
  await pool.close(1_000);
  await db.drop();
});
