import type postgres from "postgres";

/** The roles of a ledger. Roles belong to the server, so two ledgers on one server share them. */
export const ROLES = [
  "call_ledger_definer",
  "call_ledger_writer",
  "call_ledger_reader",
  "call_ledger_worker",
  "call_ledger_operator",
  "call_ledger_manager",
  "call_ledger_api_operator",
] as const;

/** The setting that the migrations read too: a new ledger may share its roles with another one of the server. */
export const SHARED_ON_PURPOSE = "call_ledger.share_roles = 'on'";

/** Returns the other databases of this server in which one of the roles has rights. */
export async function databasesOf(sql: postgres.ISql, roles: readonly string[]): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select distinct d.datname as name from pg_shdepend s
    join pg_roles r on r.oid = s.refobjid and s.refclassid = 'pg_authid'::regclass
    join pg_database d on d.oid = s.dbid
    where r.rolname in ${sql(roles)} and d.datname <> current_database() order by 1`;
  return rows.map(({ name }) => name);
}

/**
 * Returns why this database should not have a ledger beside another one; `null` if no other database has one, or the
 * server's administrator has set `call_ledger.share_roles`, as the tests' servers do.
 */
export async function sharedRoles(sql: postgres.ISql): Promise<string | null> {
  const others = await databasesOf(sql, ROLES);
  const [server] = await sql`select current_setting('call_ledger.share_roles', true) = 'on' as shares`;
  if (others.length === 0 || server?.shares === true) return null;
  return `call-ledger is in the database ${others.join(", ")} of this server too. Roles belong to the server, so the owner and the logins of one may read and write the other. Give each a server of its own, or, if they may share, add --share-roles`;
}
