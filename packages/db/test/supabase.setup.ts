import postgres from "postgres";

/*
 * A database as Supabase provides it: its roles, and their default privileges in older projects.
 */

const STRANGERS = ["anon", "authenticated"];

export async function supabaseRoles(sql: postgres.Sql): Promise<void> {
  for (const role of [...STRANGERS, "service_role"]) {
    await sql
      .unsafe(`create role ${role} nologin${role === "service_role" ? " bypassrls" : ""}`)
      .catch((error: unknown) => {
        if (!(error instanceof postgres.PostgresError && ["42710", "23505"].includes(error.code)))
          throw error;
      });
  }
  await sql.unsafe("grant usage on schema public to anon, authenticated, service_role");
}

export async function generousDefaults(sql: postgres.Sql): Promise<void> {
  for (const kind of ["tables", "functions", "sequences"]) {
    await sql.unsafe(`alter default privileges for role call_ledger_test_owner in schema public
      grant all on ${kind} to anon, authenticated, service_role`);
  }
}
