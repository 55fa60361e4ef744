import { DbError, SQLSTATE } from "@call-ledger/db/errors";
import type { OpsError } from "../cli/command.ts";
import { failure, unreachable } from "../cli/command.ts";

/** Login refused, database missing: SQLSTATE class 28 and 3D000. */
const TURNED_AWAY = /^(28...|3D000)$/;
const NO_TABLES: ReadonlySet<string> = new Set([
  SQLSTATE.undefinedTable,
  SQLSTATE.undefinedFunction,
  SQLSTATE.invalidSchemaName,
]);

/** What a database error means to an operator; `undefined` for errors of other kinds. Says where, never with what. */
export function databaseFailure(error: unknown, url: string): OpsError | undefined {
  if (!(error instanceof DbError)) return undefined;
  const { kind, code, constraint } = error;
  if (TURNED_AWAY.test(code)) {
    return unreachable(`The database at ${hostOf(url)} does not let us in (${code}): check the URL's login.`);
  }
  if (kind === "unavailable") {
    return unreachable(`The database at ${hostOf(url)} cannot be reached (${code}).${hint(url)}`);
  }
  if (NO_TABLES.has(code))
    return failure("The database has not been migrated: run the command migrate first.");
  if (code === SQLSTATE.insufficientPrivilege) {
    return failure("This login may not do that: DIRECT_DATABASE_URL has to name the database's owner.");
  }
  return failure(`The database refused (${[code, constraint].filter((part) => part !== null).join(", ")}).`);
}

function hostOf(url: string): string {
  return URL.parse(url)?.host ?? "the given URL";
}

function hint(url: string): string {
  const host = URL.parse(url)?.hostname ?? "";
  return ["localhost", "127.0.0.1", "[::1]"].includes(host)
    ? " Is npm start, or your Postgres, running?"
    : "";
}
