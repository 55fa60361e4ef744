import { OpsError } from "../cli/command.ts";
import type { Check } from "../deploy/checks/check.ts";
import { databaseFailure } from "./database-failure.ts";

/**
 * The same checks, with the database's errors as words. Once it cannot be reached it is not asked again: each further
 * check fails at once and for that reason.
 */
export function onDatabase<Inputs>(url: string, checks: readonly Check<Inputs>[]): readonly Check<Inputs>[] {
  let away: OpsError | undefined;
  return checks.map((check) => ({
    ...check,
    look: async (inputs: Inputs) => {
      if (away !== undefined) throw away;
      try {
        return await check.look(inputs);
      } catch (error) {
        const said = databaseFailure(error, url) ?? error;
        if (said instanceof OpsError && said.exitCode === 3) away = said;
        throw said;
      }
    },
  }));
}
