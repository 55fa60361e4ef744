import type postgres from "postgres";
import { legacyTables } from "./old-tables.ts";
import { ROLES, sharedRoles } from "./shared-roles.ts";

/**
 * Returns why this login may not migrate this database, with what to do; `null` if it may. `shareRoles`: the rights of
 * this ledger and of another one on the server may extend to each other. `movesOld`: the tables of the deployment
 * guide's era are moved away before.
 */
export async function migrationObstacle(
  sql: postgres.ISql,
  { shareRoles = false, movesOld = false } = {},
): Promise<string | null> {
  const [state] = await sql`
    select
      (select rolsuper or rolcreaterole from pg_roles where rolname = current_user) as makes_roles,
      (select count(*)::int from pg_roles where rolname in ${sql(ROLES)}) as roles,
      not exists (
        select from pg_roles r where r.rolname in ('call_ledger_definer', 'call_ledger_operator')
          and not pg_has_role(current_user, r.oid, 'usage')
          and current_setting('server_version_num')::int >= 160000
          and not pg_has_role(current_user, r.oid, 'usage with admin option')) as may_join_roles,
      has_schema_privilege(current_user, 'public', 'create') as makes_tables,
      -- The roles of the ledger get these rights, unless everybody has them.
      (select bool_and(has_schema_privilege('public', 'public', r)
        or has_schema_privilege(current_user, 'public', r || ' with grant option'))
       from unnest(array['usage', 'create']) r) as grants_public,
      to_regclass('drizzle.__drizzle_migrations') is null as unmigrated,
      to_regclass('drizzle.__drizzle_migrations') is null and to_regclass('public.calls') is not null as strange,
      current_user as me, current_database() as here,
      (select current_schemas(false))[1] is distinct from 'public'
        and (select source from pg_settings where name = 'search_path') <> 'client' as elsewhere`;
  const old = state?.unmigrated === true && !movesOld ? await legacyTables(sql) : [];
  if (old.length > 0) {
    return `the database holds the tables of the deployment guide's era (${old.join(", ")}), which call-ledger did not create: run the command adopt, which moves them aside, migrates, and books their calls`;
  }
  if (state?.strange === true && !movesOld) {
    return "the database has a table public.calls that call-ledger did not create: use another database, or move those tables to another schema first";
  }
  if (state?.elsewhere === true) {
    return `unqualified names do not mean the tables in public for role ${state.me}: run  ALTER ROLE "${state.me}" IN DATABASE "${state.here}" SET search_path = public`;
  }
  const shared = state?.unmigrated === true && !shareRoles ? await sharedRoles(sql) : null;
  if (shared !== null) return shared;
  if (state?.makes_roles !== true && state?.roles !== ROLES.length) {
    return `role ${state?.me} may not create roles: as an administrator run  ALTER ROLE "${state?.me}" CREATEROLE`;
  }
  if (state?.may_join_roles !== true) {
    return `another database of this cluster was migrated by another role, which owns call-ledger's roles: as an administrator run  GRANT call_ledger_definer, call_ledger_operator TO "${state?.me}"  (it may then read and write that database, too)`;
  }
  if (state?.makes_tables !== true || ((state.unmigrated || movesOld) && !state.grants_public)) {
    return `role ${state?.me} may not create tables in public and grant that right: as an administrator run  GRANT USAGE, CREATE ON SCHEMA public TO "${state?.me}" WITH GRANT OPTION`;
  }
  return null;
}
