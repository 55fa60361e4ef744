import { randomBytes } from "node:crypto";
import type { Sql } from "postgres";
import { ownerConnection } from "../client/owner-connection.ts";
import { toDbError } from "../client/pg-error.ts";
import { loginUrl } from "./login-url.ts";
import { scramVerifier } from "./scram-verifier.ts";
import { databasesOf } from "./shared-roles.ts";

/** The use of a login: the api, the background work, or one process that does both. */
export const LOGIN_USES = ["all", "api", "worker"] as const;
export type LoginUse = (typeof LOGIN_USES)[number];

const API_ROLES = [
  "call_ledger_writer",
  "call_ledger_reader",
  "call_ledger_manager",
  "call_ledger_api_operator",
];

const LOGINS: Readonly<Record<LoginUse, { readonly name: string; readonly roles: readonly string[] }>> = {
  all: {
    name: "call_ledger_app",
    roles: [...API_ROLES, "call_ledger_worker"],
  },
  api: { name: "call_ledger_api", roles: API_ROLES },
  worker: { name: "call_ledger_background", roles: ["call_ledger_worker"] },
};

/** What a login relies on. A setting of a role wins over one of its database. */
const SETTINGS = [
  "search_path = public",
  "statement_timeout = '4s'",
  "idle_in_transaction_session_timeout = '10s'",
  "default_transaction_isolation = 'read committed'",
];

/** The login cannot be created, and nothing was changed. The message says what to do. */
export class LoginTaken extends Error {
  override readonly name = "LoginTaken";
}

/** Selects the ledger's functions, and whether one of the roles in $1 may execute them. */
const FUNCTIONS = `
  select p.oid::regprocedure::text as signature,
    exists (select from unnest(string_to_array($1, ',')) r (role) where has_function_privilege(r.role, p.oid, 'execute')) as wanted
  from pg_catalog.pg_proc p
  where p.pronamespace = 'call_ledger'::regnamespace
    or p.pronamespace = 'public'::regnamespace and p.proowner = 'call_ledger_definer'::regrole`;

/**
 * Creates a login of the application, or gives it a new password and the rights of its use, and returns its URL. The
 * login owns nothing and inherits nothing. The functions of its roles are granted to it directly, so that no statement
 * has to change the role. It becomes the reader, the manager or the operator's role only by SET LOCAL ROLE. The
 * timeouts and the isolation are set on the role, because poolers do not forward settings. After that, only the owner
 * may create temporary objects in the database. A login that another database of the server uses too gets no new
 * password, because that would lock out the server of the other database. Throws LoginTaken, or DbError.
 */
export async function createAppLogin(
  ownerUrl: string,
  options: {
    readonly use?: LoginUse | undefined;
    readonly password?: string;
    readonly name?: string | undefined;
  } = {},
): Promise<string> {
  const login = LOGINS[options.use ?? "all"];
  const name = options.name ?? login.name;
  const password = options.password ?? randomBytes(24).toString("hex");
  await using sql = ownerConnection(ownerUrl, "call-ledger login");
  try {
    const [found] = await sql`
      select quote_ident(${name}) as role, quote_literal(${scramVerifier(password)}) as verifier,
        quote_ident(current_database()) as database, current_user as owner,
        exists (select from pg_roles where rolname = ${name}) as exists,
        exists (select from pg_roles where rolname = ${name} and (rolsuper or rolcreaterole or not (
          pg_has_role(oid, 'call_ledger_writer', 'member') or pg_has_role(oid, 'call_ledger_worker', 'member')))) as strange`;
    if (found?.strange === true)
      throw new LoginTaken(`the role ${name} exists and is not a login of call-ledger`);
    const others = options.password === undefined ? await databasesOf(sql, [name]) : [];
    if (others.length > 0) {
      throw new LoginTaken(
        `${name} is the login of the database ${others.join(", ")} too, and a new password would lock out its server`,
      );
    }
    const role = String(found?.role);
    await sql.begin(async (tx) => {
      const verb = found?.exists === true ? "alter" : "create";
      await tx.unsafe(`${verb} role ${role} login noinherit password ${found?.verifier}`);
      await grantRights(tx, role, login.roles);
      await tx.unsafe(`revoke temporary on database ${found?.database} from public`);
      for (const setting of SETTINGS) await tx.unsafe(`alter role ${role} set ${setting}`);
    });
    return loginUrl(ownerUrl, String(found?.owner), { name, password });
  } catch (error) {
    throw error instanceof LoginTaken ? error : toDbError(error);
  }
}

/** Grants a login the rights of the roles, and revokes those of the other roles. */
async function grantRights(sql: Pick<Sql, "unsafe">, login: string, roles: readonly string[]): Promise<void> {
  const others = LOGINS.all.roles.filter((role) => !roles.includes(role));
  if (others.length > 0) await sql.unsafe(`revoke ${others.join(", ")} from ${login}`);
  await sql.unsafe(`grant ${roles.join(", ")} to ${login}`);
  await sql.unsafe(`grant usage on schema public, call_ledger to ${login}`);
  await sql.unsafe(`grant select on table call_ledger.schema_state to ${login}`);
  const functions = await sql.unsafe(FUNCTIONS, [roles.join()]);
  for (const { signature, wanted } of functions) {
    await sql.unsafe(
      wanted === true
        ? `grant execute on function ${signature} to ${login}`
        : `revoke execute on function ${signature} from ${login}`,
    );
  }
}
