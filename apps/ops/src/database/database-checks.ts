import type { Check } from "../deploy/checks/check.ts";
import { databaseFailure } from "./database-failure.ts";

/** Returns the same checks, with the database's errors explained in words. */
export function onDatabase<Inputs>(url: string, checks: readonly Check<Inputs>[]): readonly Check<Inputs>[] {
  return checks.map((check) => ({
    ...check,
    run: (inputs: Inputs) =>
      check.run(inputs).catch((error: unknown) => {
        throw databaseFailure(error, url) ?? error;
      }),
  }));
}
