import { sharedRoles } from "@call-ledger/db/migrate";
import { withOwner } from "@call-ledger/db-operator/admin";
import { ledgerPresence } from "@call-ledger/db-operator/backup";
import { channelsNamed } from "@call-ledger/domain";
import type { Input, Surroundings } from "../cli/command.ts";
import { failure, usage } from "../cli/command.ts";
import { confirmName } from "../cli/confirmation.ts";
import { settingsIn } from "../cli/settings.ts";
import { SHARE_ROLES } from "../database/migrate.command.ts";
import { ownerUrl } from "../database/owner-url.ts";
import type { StoredBackup } from "./backup-manifest.ts";
import { BACKUPS_FOLDER, backupAt, isOf } from "./backup-manifest.ts";
import type { ReplayOptions } from "./replay-later.ts";
import type { RestoredLedger } from "./restore-backup.ts";
import { restoreBackup } from "./restore-backup.ts";

/** The options that `restore` and `rollback full` have in common. */
export const RESTORE_OPTIONS = {
  confirm: { value: "NAME", about: "the database's name, if nobody can type it" },
  from: { value: "NAME", about: "the name of the backup's database, if it is another one" },
  backups: {
    value: "DIR",
    about: `the folder of backups, and of the files that a restore saves; default ${BACKUPS_FOLDER}`,
  },
  client: { value: "DIR", about: "the folder of pg_dump and pg_restore" },
  "share-roles": SHARE_ROLES,
  "without-backup": { about: "make no backup of the present rows first" },
} as const;

/** Returns the backup that a command names; `null`: it names none. Throws OpsError. */
export function backupNamed([file, ...others]: readonly string[]): StoredBackup | null {
  if (others.length > 0) throw usage("One backup at a time: name one file.");
  return file === undefined ? null : backupAt(file);
}

/** Restores a backup after the name of its database was typed. Throws OpsError and DbError. */
export async function confirmedRestore(
  backup: StoredBackup,
  { input, rebuild }: { readonly input: Input<typeof RESTORE_OPTIONS>; readonly rebuild: boolean },
  surroundings: Surroundings,
): Promise<RestoredLedger> {
  const { env, now } = surroundings;
  const url = ownerUrl(env);
  const here = await ledgerPresence(url);
  const { database, present } = here;
  const shared = present || input.shareRoles ? null : await withOwner(url, ({ run }) => run(sharedRoles));
  if (shared !== null) throw failure(`Nothing was changed: ${shared}.`);
  const { created_at, tables, database: other } = backup.manifest;
  if (present && !isOf(backup, here)) {
    const where = other === database ? `another database with the name ${other}` : `the database ${other}`;
    await confirmName(surroundings, {
      name: other,
      given: input.from,
      option: "--from",
      warning: `This backup is of ${where}, not of the database that it would replace.`,
    });
  }
  await confirmName(surroundings, {
    name: database,
    given: input.confirm,
    warning:
      `${present ? "The present rows of the ledger are replaced by" : "The empty database gets"} the backup of ${other} of ${created_at} ` +
      `(${tables["public.calls"] ?? 0} calls); deliveries that came after it are saved first and booked again.`,
  });
  return restoreBackup(backup, {
    ...replayOptions(surroundings),
    present,
    client: input.client,
    env,
    folder: input.backups ?? BACKUPS_FOLDER,
    backUpFirst: !input.withoutBackup,
    rebuild,
    now: now(),
  });
}

export function replayOptions({ env, program, progress, standsAt }: Surroundings): ReplayOptions {
  return {
    ownerUrl: ownerUrl(env),
    channels: channelsNamed(settingsIn(env, ["RECORDING_CHANNELS"]).RECORDING_CHANNELS),
    replayCommand: (file) => `${program} restore --replay ${file}`,
    progress,
    standsAt,
  };
}
