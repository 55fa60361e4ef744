import { SQLSTATE } from "@call-ledger/db/errors";
import { assertNoOperation } from "@call-ledger/db/migrate";
import type { MigrationTrial } from "@call-ledger/db-operator/inspect";
import { openInspection } from "@call-ledger/db-operator/inspect";
import type { Result } from "../cli/command.ts";
import { failure } from "../cli/command.ts";

const MAX_LINES = 40;

/** Tries the pending migrations, and returns the statement that fails with its reason. Throws OpsError or DbError. */
export async function explainMigrations(
  ownerUrl: string,
  folder: string | undefined,
  shareRoles: boolean,
): Promise<Result> {
  await assertNoOperation(ownerUrl);
  await using inspection = openInspection(ownerUrl, folder);
  return resultOf(await inspection.tryMigrations(shareRoles));
}

function resultOf({ pending, obstacle, failing }: MigrationTrial): Result {
  if (obstacle !== null) throw failure(obstacle);
  const document = { pending, failing };
  if (pending.length === 0) return { document, text: ["Nothing is pending."] };
  if (failing === null) {
    const tried = `Every statement of the ${pending.length} pending migrations passed and was rolled back`;
    return { document, text: [`${tried}. The cause of the failure is gone. Migrate again.`] };
  }
  const { migration, line, statement, reason, code } = failing;
  const hint =
    code === SQLSTATE.lockNotAvailable ? ". A table is in use: try again when there is less traffic" : "";
  const lines = statement.split("\n");
  return {
    document,
    text: [
      `${migration}.sql, line ${line}: ${reason} (${code})${hint}`,
      ...lines.slice(0, MAX_LINES).map((text) => `  ${text}`),
      ...(lines.length > MAX_LINES ? [`  … ${lines.length - MAX_LINES} more lines`] : []),
      "No part of it was applied.",
    ],
    exitCode: 1,
  };
}
