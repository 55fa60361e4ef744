import type { NewestEvent } from "@call-ledger/db-operator/inspect";
import { openInspection } from "@call-ledger/db-operator/inspect";
import type { Surroundings } from "../../cli/command.ts";
import { settingsIn } from "../../cli/settings.ts";
import { onDatabase } from "../../database/database-checks.ts";
import { ownerUrl } from "../../database/owner-url.ts";
import type { CheckResult } from "../checks/check.ts";
import { joinedResults, runChecks } from "../checks/check.ts";
import { answersPrintedBy } from "../checks/check-result.ts";
import { SERVER_CHECKS } from "../server/server.checks.ts";
import { CONSISTENCY_CHECKS, CRITERIA_CHECKS, SCHEMA_CHECKS, WRITABLE_CHECK } from "./ledger.checks.ts";
import type { LedgerInputs } from "./query.checks.ts";
import { NAMED_OBJECT_CHECKS, ROW_CHECKS } from "./query.checks.ts";

export type VerifyOptions = {
  /** A running server. Without one its criteria are skipped. */
  readonly server?: URL | undefined;
  /**
   * Whether to check only the results of migrations, so that an unreadable delivery does not stop the release that can
   * read it.
   */
  readonly schemaOnly?: boolean;
};

export type VerifyResult = CheckResult & {
  /** Newest first; empty if they could not be read. */
  readonly newestEvents: readonly NewestEvent[];
};

const MIGRATED_CHECKS = [...SCHEMA_CHECKS, ...NAMED_OBJECT_CHECKS];
export const LEDGER_CHECKS = [
  ...MIGRATED_CHECKS,
  WRITABLE_CHECK,
  ...ROW_CHECKS,
  ...CRITERIA_CHECKS,
  ...CONSISTENCY_CHECKS,
];
const NEWEST = 10;

/**
 * Checks that a deployment succeeded: verification queries, success criteria, and that the three layers agree. Reads as
 * the operator and changes nothing. Each answer is printed as progress. Throws OpsError if no database is named; an
 * unreachable one is in the result, with exit code 3.
 */
export async function verify(surroundings: Surroundings, options: VerifyOptions): Promise<VerifyResult> {
  const url = ownerUrl(surroundings.env);
  const print = answersPrintedBy(surroundings);
  await using inspection = openInspection(url);
  const ledger: LedgerInputs = {
    inspection,
    program: surroundings.program,
    limitMb: settingsIn(surroundings.env, ["DATABASE_LIMIT_MB"]).DATABASE_LIMIT_MB,
  };
  const checks = options.schemaOnly === true ? MIGRATED_CHECKS : LEDGER_CHECKS;
  const database = await runChecks(onDatabase(url, checks), ledger, print);
  const server = options.server === undefined ? [] : [await runChecks(SERVER_CHECKS, options.server, print)];
  const newestEvents = database.exitCode === 3 ? [] : await inspection.newestEvents(NEWEST).catch(() => []);
  return { ...joinedResults([database, ...server]), newestEvents };
}
