import { migrationStatus } from "@call-ledger/db/migrate";
import { listRefusals, withOwner } from "@call-ledger/db-operator/admin";
import { ledgerPresence } from "@call-ledger/db-operator/backup";
import type { StoredBackup } from "../../backup/backup-manifest.ts";
import { BACKUPS_FOLDER, backupsIn } from "../../backup/backup-manifest.ts";
import type { Input, Surroundings } from "../../cli/command.ts";
import { failure, usage } from "../../cli/command.ts";
import { wholeNumber } from "../../cli/values.ts";
import { ownerUrl } from "../../database/owner-url.ts";
import { ANSWER_MS, askRelease, isSameCommit } from "../new-version.ts";
import { gitIn } from "../preflight/git.ts";
import type { RollbackFacts } from "./rollback-scenarios.ts";
import type { WayBack } from "./way-back.ts";
import { lastDeployed, provenWayBack } from "./way-back.ts";

const MAX_MIGRATIONS = 100_000;

/** The options that the commands of a rollback have in common. */
export const ROLLBACK_OPTIONS = {
  to: {
    value: "N",
    about:
      "the number of migrations that the older release knows; default: as git or the backup before it says",
    parse: wholeNumber(1, MAX_MIGRATIONS),
  },
  backups: { value: "DIR", about: `the folder of backups; default ${BACKUPS_FOLDER}` },
} as const;

/**
 * Reads the schema, and the state before the commit that runs at `service`, or that commit itself if the deployment
 * after it did not come about. If the server does not tell its commit, the
 * one of the last deployment counts as running. Throws OpsError and DbError.
 */
export async function stateBefore(url: string, folder: string, service: URL | undefined) {
  const { schema } = await migrationStatus(url);
  if (schema === null) throw failure("The database has not been migrated: there is nothing to go back from.");
  const backups = backupsIn(folder, await ledgerPresence(url));
  const running = service === undefined ? null : (await askRelease(service, ANSWER_MS)).commit;
  const from = running ?? lastDeployed(backups);
  const back = await provenWayBack(backups, { running: from, schema }, gitIn(process.cwd()));
  return { schema, running, back: back ?? unreplaced(backups, running) };
}

/** Returns the state that a deployment was to replace, if its commit still runs, or runs again. */
function unreplaced(backups: readonly StoredBackup[], running: string | null): WayBack | null {
  const backup = backups.find(
    ({ manifest: { release, before_release } }) =>
      isSameCommit(release, running) && before_release && !isSameCommit(before_release, running),
  );
  return backup === undefined ? null : { backup, release: running, known: backup.manifest.migrations.length };
}

/** Reads the database, the backups and the server. Throws OpsError and DbError. */
export async function rollbackFacts(
  { to, backups = BACKUPS_FOLDER }: Input<typeof ROLLBACK_OPTIONS>,
  { env }: Surroundings,
  service: URL | undefined,
): Promise<RollbackFacts> {
  const url = ownerUrl(env);
  const { schema, running, back } = await stateBefore(url, backups, service);
  if (to !== undefined && to > schema.version) {
    throw usage(
      `--to can be at most ${schema.version}: the schema has ${schema.version} migrations, and a release that knows more cannot run on it.`,
    );
  }
  return {
    schema,
    previous: to ?? back?.known ?? null,
    refusals: await withOwner(url, listRefusals),
    backup: back?.backup ?? null,
    release: back?.release ?? null,
    running,
    service: service ?? null,
  };
}
