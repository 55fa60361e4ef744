import type postgres from "postgres";
import type { AppliedMigration } from "./journal.ts";

/** Returns the migrations that the database has applied, oldest first; none if it was never migrated. */
export async function appliedMigrations(sql: postgres.ISql): Promise<AppliedMigration[]> {
  const [found] = await sql`select to_regclass('drizzle.__drizzle_migrations') is not null as there`;
  if (found?.there !== true) return [];
  const rows = await sql`select hash, created_at from drizzle.__drizzle_migrations order by created_at, id`;
  return rows.map((row) => ({ hash: String(row.hash), createdAt: Number(row.created_at) }));
}
