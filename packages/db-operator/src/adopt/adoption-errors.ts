import { DbError, SQLSTATE, toDbError } from "@call-ledger/db/errors";
import { MigrationError } from "@call-ledger/db/migrate";

/** The database cannot be adopted as it is. Nothing was changed. The message says what to do. */
export class AdoptionError extends Error {
  override readonly name = "AdoptionError";
}

/** The database with the old tables failed, which is not the ledger's. */
export class SourceFailure extends Error {
  override readonly name = "SourceFailure";
  readonly failure: DbError;

  constructor(failure: DbError) {
    super(failure.message, { cause: failure });
    this.failure = failure;
  }
}

/** Adoption ended after the schema was migrated. The next run goes on. The cause is a DbError or a SourceFailure. */
export class AdoptionStopped extends Error {
  override readonly name = "AdoptionStopped";
}

/** A query of the old tables failed. */
class ReadFailed extends Error {
  override readonly name = "ReadFailed";
}

/** Marks the errors of a query as those of the old tables' database. */
export async function reading<T>(query: PromiseLike<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    throw new ReadFailed("the old tables could not be read", { cause: error });
  }
}

/**
 * Returns the error that ends a run before anything was changed. `fromElsewhere`: the old tables are in another
 * database.
 */
export function beforeChange(error: unknown, fromElsewhere: boolean): unknown {
  const failed = mapped(error, fromElsewhere);
  if (failed instanceof MigrationError) {
    return new AdoptionError(`${failed.message}. Correct this, then run adopt again`);
  }
  const isInUse = failed instanceof DbError && failed.code === SQLSTATE.lockNotAvailable;
  return isInUse ? new AdoptionError(`${IN_USE}, then run adopt again`) : failed;
}

/** Returns the error that ends a run which has migrated the schema. */
export function halfWay(error: unknown, fromElsewhere: boolean): unknown {
  const failed = mapped(error, fromElsewhere);
  if (!(failed instanceof DbError || failed instanceof SourceFailure)) return failed;
  const isInUse = failed instanceof DbError && failed.code === SQLSTATE.lockNotAvailable;
  return new AdoptionStopped(isInUse ? IN_USE : failed.message, { cause: failed });
}

const IN_USE = "a table is in use: stop the old application first";

/** Turns an error of a database into DbError or SourceFailure. Other errors stay as they are. */
function mapped(error: unknown, fromElsewhere: boolean): unknown {
  const cause = error instanceof ReadFailed ? error.cause : error;
  const failed = toDbError(cause);
  if (failed.code === "unknown") return cause;
  return error instanceof ReadFailed && fromElsewhere ? new SourceFailure(failed) : failed;
}
