import { openProbe } from "@call-ledger/db-operator/admin";
import type { AccountSettings } from "@call-ledger/providers";
import { DEFAULT_PROVIDER } from "@call-ledger/providers";
import type { Surroundings } from "../../cli/command.ts";
import { onDatabase } from "../../database/database-checks.ts";
import { ownerUrl } from "../../database/owner-url.ts";
import type { CheckResult } from "../checks/check.ts";
import { joinedResults, runChecks } from "../checks/check.ts";
import { answersPrintedBy } from "../checks/check-result.ts";
import { SERVER_CHECKS } from "../server/server.checks.ts";
import type { ProbeInputs } from "./probe.checks.ts";
import { CLEANED_UP, PROBE_CHECKS } from "./probe.checks.ts";

/** What to say if a smoke ends early. */
export const PROBE_MAY_BE_LEFT =
  "The organization `call-ledger smoke` may be left. The next smoke removes it.";

export type SmokeOptions = { readonly server: URL; readonly account: AccountSettings };

/**
 * Tests whether a running server works: its health, a refusal, and a signed probe call that is sent twice and booked
 * once. The call belongs to a reserved organization, which is always removed with all its rows; the next run removes
 * the rows of a killed one. Each answer is printed as progress. Throws OpsError if no database is named.
 */
export async function smoke(
  surroundings: Surroundings,
  { server, account }: SmokeOptions,
): Promise<CheckResult> {
  const url = ownerUrl(surroundings.env);
  const print = answersPrintedBy(surroundings);
  const seen = await runChecks(SERVER_CHECKS, server, print);
  // If the server is unreachable, each delivery of the probe would wait for its deadline.
  if (seen.exitCode === 3) return seen;
  const probe = openProbe(url, DEFAULT_PROVIDER.provider);
  const probed: ProbeInputs = {
    server,
    probe,
    account,
    program: surroundings.program,
    now: surroundings.now,
  };
  const results = [seen];
  try {
    results.push(await runChecks(onDatabase(url, PROBE_CHECKS), probed, print));
  } finally {
    const isThere = probed.call !== undefined;
    if (isThere) results.push(await runChecks(onDatabase(url, [CLEANED_UP]), probed, print));
    await probe.close();
  }
  return joinedResults(results);
}
