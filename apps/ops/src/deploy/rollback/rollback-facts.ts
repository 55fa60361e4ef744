import { migrationStatus } from "@call-ledger/db/migrate";
import { listRefusals, withOwner } from "@call-ledger/db-operator/admin";
import { ledgerPresence } from "@call-ledger/db-operator/backup";
import { BACKUPS_FOLDER, newestBackupIn } from "../../backup/backup-manifest.ts";
import type { Input, Surroundings } from "../../cli/command.ts";
import { failure, usage } from "../../cli/command.ts";
import { wholeNumber } from "../../cli/values.ts";
import { ownerUrl } from "../../database/owner-url.ts";
import type { RollbackFacts } from "./rollback-scenarios.ts";

const MAX_MIGRATIONS = 100_000;

/** The options that the commands of a rollback have in common. */
export const ROLLBACK_OPTIONS = {
  to: {
    value: "N",
    about: "the number of migrations that the older release knows; default: that of the newest backup",
    parse: wholeNumber(1, MAX_MIGRATIONS),
  },
  backups: { value: "DIR", about: `the folder of backups; default ${BACKUPS_FOLDER}` },
} as const;

/** Reads the database and the backups. Throws OpsError and DbError. */
export async function rollbackFacts(
  { to, backups = BACKUPS_FOLDER }: Input<typeof ROLLBACK_OPTIONS>,
  { env }: Surroundings,
): Promise<RollbackFacts & { readonly release: string | null }> {
  const url = ownerUrl(env);
  const { schema } = await migrationStatus(url);
  if (schema === null) throw failure("The database has not been migrated: there is nothing to go back from.");
  if (to !== undefined && to > schema.version) {
    throw usage(
      `--to can be at most ${schema.version}: the schema has ${schema.version} migrations, and a release that knows more cannot run on it.`,
    );
  }
  const backup = newestBackupIn(backups, await ledgerPresence(url));
  return {
    schema,
    previous: to ?? backup?.manifest.migrations.length ?? null,
    refusals: await withOwner(url, listRefusals),
    backup: backup?.name ?? null,
    release: backup?.manifest.release ?? null,
  };
}
