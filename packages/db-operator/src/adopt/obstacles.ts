import {
  ADOPTED,
  appliedMigrations,
  journalFault,
  MIGRATIONS_FOLDER,
  migrationObstacle,
  namesTaken,
  readJournal,
  sharedRoles,
} from "@call-ledger/db/migrate";
import type postgres from "postgres";
import { routinesToMove } from "./move-tables.ts";

/** What adopt will do with a database that has no ledger yet. */
export type Plan = {
  /** Whether the old tables in `public` are moved to the schema `adopted`. */
  readonly moves: boolean;
  readonly shareRoles: boolean;
};

/**
 * Returns why the old tables of this database cannot be moved or its schema cannot be migrated, with what to do; `null`
 * if nothing is known that prevents it.
 */
export async function adoptionObstacle(
  sql: postgres.Sql,
  { moves, shareRoles }: Plan,
): Promise<string | null> {
  return (
    (moves ? await foreignRoutines(sql) : null) ??
    (await takenNames(sql, moves)) ??
    (await foreignSchemas(sql, moves)) ??
    (await strangeJournal(sql)) ??
    (shareRoles ? null : await sharedRoles(sql)) ??
    (await migrationObstacle(sql, { shareRoles, movesOld: true }))
  );
}

async function foreignRoutines(sql: postgres.Sql): Promise<string | null> {
  const foreign = (await routinesToMove(sql)).filter(({ owned }) => !owned);
  if (foreign.length === 0) return null;
  const me = await nameOf(sql);
  const names = foreign.map(({ signature }) => signature).join(", ");
  return `role ${me} does not own ${names}: run adopt as the owner, or as an administrator run  ALTER ROUTINE … OWNER TO "${me}"`;
}

async function takenNames(sql: postgres.Sql, moves: boolean): Promise<string | null> {
  const taken = await namesTaken(sql, { movesOld: moves });
  if (taken.length === 0) return null;
  return `the ledger needs the names ${taken.join(", ")}, which other objects have here. Rename them, move them to another schema, or use a new database and adopt --from this one`;
}

/** The schemas that the run creates, or changes if they are there. */
async function foreignSchemas(sql: postgres.Sql, moves: boolean): Promise<string | null> {
  const names = ["call_ledger", "drizzle", ...(moves ? [ADOPTED] : [])];
  const foreign = await sql<{ name: string }[]>`
    select nspname as name from pg_namespace
    where nspname in ${sql(names)} and not pg_has_role(nspowner, 'usage') order by 1`;
  if (foreign.length === 0) return null;
  const me = await nameOf(sql);
  const schemas = foreign.map(({ name }) => name).join(", ");
  return `role ${me} does not own the schema ${schemas}: as an administrator run  ALTER SCHEMA … OWNER TO "${me}", or rename the schema`;
}

async function strangeJournal(sql: postgres.Sql): Promise<string | null> {
  const applied = await appliedMigrations(sql);
  if (applied.length === 0 || journalFault(readJournal(MIGRATIONS_FOLDER), applied) === null) return null;
  return "drizzle.__drizzle_migrations lists the migrations of another application, and the ledger needs that table. Run  ALTER SCHEMA drizzle RENAME TO drizzle_before;  the other application's migrations then find an empty journal";
}

async function nameOf(sql: postgres.Sql): Promise<string> {
  const [me] = await sql`select current_user as name`;
  return me?.name;
}
