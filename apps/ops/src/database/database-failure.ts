import { DbError, databaseFault, MigrationError, OperationRunning, SQLSTATE } from "@call-ledger/db/errors";
import type { OpsError } from "../cli/command.ts";
import { failure, halfWay, unreachable } from "../cli/command.ts";

const NO_TABLES: ReadonlySet<string> = new Set([
  SQLSTATE.undefinedTable,
  SQLSTATE.undefinedFunction,
  SQLSTATE.undefinedObject,
  SQLSTATE.invalidSchemaName,
]);

/**
 * Returns a database error as a failure for an operator; `undefined` for errors of other kinds. It names the host and
 * the database, not the values.
 */
export function databaseFailure(error: unknown, url: string | (() => string)): OpsError | undefined {
  if (error instanceof MigrationError) return failure(error.message);
  if (error instanceof OperationRunning) return halfWay(error.message);
  if (!(error instanceof DbError)) return undefined;
  const { code, constraint } = error;
  const where = URL.parse(typeof url === "string" ? url : url());
  const database = decodeURIComponent(where?.pathname.slice(1) ?? "") || undefined;
  const fault = databaseFault(code, database);
  if (fault !== null) {
    const { name, says, next } = fault;
    const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(where?.hostname ?? "");
    const asksForTls = name === "connection_lost" && where?.searchParams.has("sslmode") === true;
    const advice = name === "no_answer" && isLocal ? "Is npm start, or your Postgres, running?" : next;
    const ofTls = asksForTls ? " A server without TLS closes it too: then leave sslmode out of the URL." : "";
    return unreachable(
      `The database ${[database, "at", where?.host ?? "the given URL"].join(" ").trim()} ${says} (${name}, ${code}). ${advice}${ofTls}`,
    );
  }
  if (NO_TABLES.has(code)) {
    return failure("The database has not been migrated: run the command migrate first.");
  }
  if (code === SQLSTATE.insufficientPrivilege) {
    return failure(
      "This login does not have the right to do that. Set DIRECT_DATABASE_URL to the URL of the database's owner.",
    );
  }
  return failure(
    `The database refused a statement (${[code, constraint].filter((part) => part !== null).join(", ")}).`,
  );
}
