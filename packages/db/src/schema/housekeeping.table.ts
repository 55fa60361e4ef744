import { bigint, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, instant } from "./organizations.table.ts";

/** The housekeeping jobs of the cluster: the last run of each, its result, and its holder. */
export const housekeepingRuns = pgTable("housekeeping_runs", {
  name: text("name").primaryKey(),
  everySeconds: integer("every_seconds").notNull(),
  /** When the job is due. While a run is held, the end of its lease. */
  nextRunAt: instant("next_run_at").notNull().defaultNow(),
  /** Made anew by each claim. A process without the current token may not settle the run. */
  leaseToken: uuid("lease_token"),
  startedAt: instant("started_at"),
  finishedAt: instant("finished_at"),
  succeededAt: instant("succeeded_at"),
  /** The duration of the last run that ended. */
  tookMs: integer("took_ms"),
  /** The result of the last run that succeeded. */
  result: jsonb("result"),
  /** Why the last run that ended has failed. It never contains a value. */
  error: text("error"),
  /** The data that a run stores for the next one. */
  progress: jsonb("progress"),
  createdAt: createdAt(),
});

/** Sizes of the database over time, so that its growth is known after a restart. */
export const databaseSizes = pgTable("database_sizes", {
  at: instant("at").primaryKey(),
  sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
});
