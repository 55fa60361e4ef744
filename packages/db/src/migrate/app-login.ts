import { randomBytes } from "node:crypto";
import { ownerConnection } from "../client/owner-connection.ts";
import { toDbError } from "../client/pg-error.ts";
import { loginUrl } from "./login-url.ts";

const FUNCTIONS = [
  "public.record_deliveries(jsonb, bytea[])",
  "public.replay_waiting(integer)",
  "call_ledger.are_booked(jsonb)",
  "call_ledger.ledger_status()",
  "call_ledger.recording_states()",
  "call_ledger.authenticate_key(bytea)",
  "call_ledger.find_provider_account(uuid)",
];

/** The worker's functions, so that its statements need no transaction around them to change the role. */
const WORKERS_FUNCTIONS = `
  select p.oid::regprocedure::text as signature from pg_catalog.pg_proc p
  where p.pronamespace = 'call_ledger'::regnamespace and has_function_privilege('call_ledger_worker', p.oid, 'execute')`;

/**
 * Creates the login that the application uses, or gives it a new password, and returns its URL.
 * It owns nothing and inherits nothing: it may execute the write functions and the worker's, and becomes reader
 * by SET LOCAL ROLE only. The timeouts are the role's own, because poolers pass no settings on.
 * Throws DbError.
 */
export async function createAppLogin(
  ownerUrl: string,
  options: { readonly password?: string; readonly name?: string } = {},
): Promise<string> {
  const name = options.name ?? "call_ledger_app";
  const password = options.password ?? randomBytes(24).toString("hex");
  const sql = ownerConnection(ownerUrl, "call-ledger login");
  let owner = "";
  try {
    const [found] = await sql`select quote_ident(${name}) as role, quote_literal(${password}) as secret,
      exists (select from pg_roles where rolname = ${name}) as there, current_user as owner`;
    owner = String(found?.owner);
    const role = String(found?.role);
    await sql.begin(async (tx) => {
      await tx.unsafe(
        `${found?.there === true ? "alter" : "create"} role ${role} login noinherit password ${found?.secret}`,
      );
      await tx.unsafe(`grant call_ledger_writer, call_ledger_reader, call_ledger_worker to ${role}`);
      await tx.unsafe(`grant usage on schema public, call_ledger to ${role}`);
      const workers = await tx.unsafe(WORKERS_FUNCTIONS);
      const signatures = [...FUNCTIONS, ...workers.map((row) => String(row.signature))];
      for (const signature of signatures)
        await tx.unsafe(`grant execute on function ${signature} to ${role}`);
      await tx.unsafe(`grant select on table call_ledger.schema_state to ${role}`);
      await tx.unsafe(`alter role ${role} set statement_timeout = '4s'`);
      await tx.unsafe(`alter role ${role} set idle_in_transaction_session_timeout = '10s'`);
    });
  } catch (error) {
    throw toDbError(error);
  } finally {
    await sql.end({ timeout: 1 });
  }
  return loginUrl(ownerUrl, owner, { name, password });
}
