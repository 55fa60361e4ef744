import { bigint, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { createdAt, instant } from "./organizations.table.ts";

/** The housekeeping jobs of the cluster: when each ran last, what came of it, and who holds it. */
export const housekeepingRuns = pgTable("housekeeping_runs", {
  name: text("name").primaryKey(),
  everySeconds: integer("every_seconds").notNull(),
  /** When it is due; while a run is held, the end of its lease. */
  nextRunAt: instant("next_run_at").notNull().defaultNow(),
  /** Made anew by each claim: who no longer has it may not settle the run. */
  leaseToken: uuid("lease_token"),
  startedAt: instant("started_at"),
  finishedAt: instant("finished_at"),
  succeededAt: instant("succeeded_at"),
  /** Of the last run that ended. */
  tookMs: integer("took_ms"),
  /** Of the last run that succeeded. */
  result: jsonb("result"),
  /** Why the last run that ended has failed; never a value. */
  error: text("error"),
  /** What a run leaves to the next one. */
  progress: jsonb("progress"),
  createdAt: createdAt(),
});

/** How large the database was, so that its growth outlives the processes that watch it. */
export const databaseSizes = pgTable("database_sizes", {
  at: instant("at").primaryKey(),
  sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
});
