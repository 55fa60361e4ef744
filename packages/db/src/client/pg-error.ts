import { databaseFault } from "./database-fault.ts";

export type { DatabaseFault } from "./database-fault.ts";
export { databaseFault, faultNamed } from "./database-fault.ts";

/**
 * The kind of a failure at the database, by what a caller can do.
 * - `unavailable`: ours and passing (connection, login, resources, locks, timeouts): try again, answer 503.
 * - `refused`: the data cannot be stored (SQLSTATE classes 22, 23, 54): trying again changes nothing.
 * - `bug`: any other error: answer 500.
 */
export type DbErrorKind = "unavailable" | "refused" | "bug";

/**
 * A failure at the database. It has a SQLSTATE or driver code and a constraint's name, but never a value, because
 * Postgres quotes row contents in its messages.
 */
export class DbError extends Error {
  override readonly name = "DbError";
  readonly kind: DbErrorKind;
  readonly code: string;
  readonly constraint: string | null;

  constructor(kind: DbErrorKind, code: string, constraint: string | null) {
    super(constraint === null ? `${kind}: ${code}` : `${kind}: ${code} (${constraint})`);
    this.kind = kind;
    this.code = code;
    this.constraint = constraint;
  }
}

/** The database cannot be migrated in its state. The message says what to do. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
}

/**
 * Another operation holds the database, and nothing was changed. The message says which one, since when, and what to
 * do.
 */
export class OperationRunning extends Error {
  override readonly name = "OperationRunning";
}

/** The SQLSTATEs of the conditions on which code decides. */
export const SQLSTATE = {
  featureNotSupported: "0A000",
  readOnlyTransaction: "25006",
  diskFull: "53100",
  invalidCatalogName: "3D000",
  invalidSchemaName: "3F000",
  dependentObjectsStillExist: "2BP01",
  serializationFailure: "40001",
  deadlockDetected: "40P01",
  insufficientPrivilege: "42501",
  undefinedFunction: "42883",
  undefinedObject: "42704",
  undefinedTable: "42P01",
  objectInUse: "55006",
  /** Another transaction held a lock for longer than `lock_timeout`. */
  lockNotAvailable: "55P03",
} as const;

/** Errors after which the same statement succeeds a moment later. */
const WORTH_REPEATING: ReadonlySet<string> = new Set([
  SQLSTATE.serializationFailure,
  SQLSTATE.deadlockDetected,
]);

export function worthRepeating(error: unknown): boolean {
  return error instanceof DbError && WORTH_REPEATING.has(error.code);
}

/**
 * A table, column, function or type does not match the statement, a plan is no longer valid, or a catalog look-up
 * failed.
 */
const SCHEMA_CHANGED = /^(42...|0A000|XX000)$/;

/**
 * Returns whether a statement that fails with this error may succeed immediately. A migration that commits during the
 * statement can remove what the rest of the statement needs. The next transaction sees the complete new schema.
 */
export function mayFollowMigration(error: unknown): boolean {
  return SCHEMA_CHANGED.test(toDbError(error).code);
}

/** Maps any error of the driver. The original is dropped, because its fields contain parameters and row values. */
export function toDbError(error: unknown): DbError {
  if (error instanceof DbError) return error;
  const code = codeOf(error);
  return new DbError(kindOf(code), code, textOf(error, "constraint_name"));
}

/** Wraps a function so that it throws DbError. */
export function throwingDbErrors<Args extends unknown[], Answer>(
  work: (...args: Args) => Promise<Answer>,
): (...args: Args) => Promise<Answer> {
  return async (...args) => {
    try {
      return await work(...args);
    } catch (error) {
      throw toDbError(error);
    }
  };
}

function textOf(error: unknown, field: string): string | null {
  if (typeof error !== "object" || error === null || !(field in error)) return null;
  const value: unknown = Reflect.get(error, field);
  return typeof value === "string" && value !== "" ? value : null;
}

/** Supabase's pooler has one code for all faults, and its own messages for a project that it does not serve. */
function codeOf(error: unknown): string {
  const code = textOf(error, "code") ?? "unknown";
  const isUnknown = code === "XX000" && /tenant or user not found/i.test(textOf(error, "message") ?? "");
  return isUnknown ? "POOLER_KNOWS_NO_PROJECT" : code;
}

function kindOf(code: string): DbErrorKind {
  if (/^(22|23|54)...$/.test(code)) return "refused";
  return databaseFault(code) === null && !/^(57...|E[A-Z]+)$/.test(code) ? "bug" : "unavailable";
}
