import { MigrationError, migrate } from "@call-ledger/db/migrate";
import type { Command } from "../cli/command.ts";
import { failure } from "../cli/command.ts";
import { databaseFailure } from "../database/database-failure.ts";
import { ownerUrl } from "../database/owner-url.ts";

export const migrateCommand: Command = {
  about:
    "Applies the migrations that the database does not have yet, all or none. It may run any number of times and in " +
    "several places at once: one works, the others wait and find nothing to do. Run it before the new release starts. " +
    "The login has to own the database and to be allowed to create roles; what is missing is said.",
  options: {},
  examples: ["migrate", "migrate --json   prints {applied: [names], version: name}"],

  async run(_input, { env, warn }) {
    const url = ownerUrl(env);
    try {
      const { applied, version } = await migrate(url, { log: warn });
      const text =
        applied.length === 0
          ? `Nothing to do: the database is at ${version}.`
          : `Applied ${applied.length}: the database is at ${version}.`;
      return { document: { applied, version }, text: [text] };
    } catch (error) {
      if (error instanceof MigrationError) throw failure(error.message);
      throw databaseFailure(error, url) ?? error;
    }
  },
};
