import { migrationStatus } from "@call-ledger/db/migrate";
import { listRefusals, withOwner } from "@call-ledger/db-operator/admin";
import { ledgerPresence } from "@call-ledger/db-operator/backup";
import { BACKUPS_FOLDER, newestBackupIn } from "../../backup/backup-manifest.ts";
import type { Input, Surroundings } from "../../cli/command.ts";
import { failure } from "../../cli/command.ts";
import { optionalText, wholeNumber } from "../../cli/values.ts";
import { ownerUrl } from "../../database/owner-url.ts";
import type { RollbackFacts } from "./rollback-scenarios.ts";

/** What the commands of a rollback look at alike. */
export const LOOK_OPTIONS = {
  to: {
    takes: "value",
    value: "N",
    about: "how many migrations the release to go back to knows; default: as many as the newest backup has",
  },
  backups: { takes: "value", value: "DIR", about: `where backups lie; default ${BACKUPS_FOLDER}` },
} as const;

const MOST_MIGRATIONS = 100_000;

/** Reads the database and the backups. Throws OpsError and DbError. */
export async function rollbackFacts(input: Input, { env }: Surroundings): Promise<RollbackFacts> {
  const url = ownerUrl(env);
  const said = wholeNumber(input, "to", [1, MOST_MIGRATIONS]);
  const { schema } = await migrationStatus(url);
  if (schema === null) throw failure("The database has not been migrated: there is nothing to go back from.");
  const { database } = await ledgerPresence(url);
  const backup = newestBackupIn(optionalText(input, "backups") ?? BACKUPS_FOLDER, database);
  return {
    schema,
    previous: said ?? backup?.manifest.migrations.length ?? null,
    refusals: await withOwner(url, listRefusals),
    backup: backup?.name ?? null,
  };
}
