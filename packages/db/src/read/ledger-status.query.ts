import { ATTENTION_MARKS, LACKED_PARTS, MISSING_REASONS } from "@call-ledger/domain";
import { z } from "zod";
import type { Pool } from "../client/pool.ts";
import { runForOne, sqlFunction } from "../client/run-function.ts";

const statusSchema = z.object({
  databaseSizeMb: z.number(),
  /**
   * `migration`: the number of the schema's migrations. `oldest_code`: the number that a release has to know to run on
   * it.
   */
  migration: z.number(),
  oldestCode: z.number(),
  queue: z
    .object({ depth: z.number(), oldest_age_seconds: z.number().nullable() })
    .transform((queue) => ({ depth: queue.depth, oldestAgeSeconds: queue.oldest_age_seconds })),
  /** Uploads that were given up. */
  dead: z.number(),
  /** Deliveries that wait for an agent or for a person. The count stops at 10,000. */
  quarantined: z.number(),
  /** Calls of the last day by their mark. */
  attention: z.partialRecord(z.enum(ATTENTION_MARKS), z.number()),
  /** The last week: days of accounts that are not complete, and the calls that the ledger lacks on these days. */
  completeness: z
    .object({ incomplete_days: z.number(), missing_calls: z.number() })
    .transform((found) => ({ incompleteDays: found.incomplete_days, missingCalls: found.missing_calls })),
  /** Calls of the last day that were booked from the provider's list, by the part that the ledger lacked. */
  repaired: z.partialRecord(z.enum(LACKED_PARTS), z.number()),
  /** Calls of the last week that were not booked from the provider's list, by the reason. */
  missing: z.partialRecord(z.enum(MISSING_REASONS), z.number()),
  lastEventAt: z
    .string()
    .transform((text) => new Date(text))
    .nullable(),
  /** Seconds since the newest heartbeat of a worker; `null`: there has never been one. */
  workerAgeSeconds: z.number().nullable(),
  /** The oldest size that was stored within a week; `null`: none was. */
  sizeBefore: z
    .object({ mb: z.number(), age_seconds: z.number() })
    .transform((size) => ({ sizeMb: size.mb, ageSeconds: size.age_seconds }))
    .nullable(),
  /** Housekeeping jobs that have not succeeded for three of their intervals. */
  lateJobs: z.array(z.string()),
});

/** The state of the database for `/health`. Ages in seconds, sizes in megabytes of 1,048,576 bytes. */
export type LedgerStatus = Readonly<z.output<typeof statusSchema>>;

const LEDGER_STATUS = sqlFunction("call_ledger.ledger_status", {}, statusSchema);

/** Reads the state in one round trip. It contains no organization's data. Throws DbError. */
export function readLedgerStatus(pool: Pool, deadlineMs: number): Promise<LedgerStatus> {
  return pool.run((sql) => runForOne(sql, LEDGER_STATUS, {}), deadlineMs);
}
