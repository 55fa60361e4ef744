import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "@call-ledger/config";
import { DbError, SQLSTATE } from "@call-ledger/db/errors";
import { operation } from "@call-ledger/db/migrate";
import type { Restored, RestorePlan, RestoreState } from "@call-ledger/db-operator/backup";
import { RestoreError, restoreContent, withScratchDatabase } from "@call-ledger/db-operator/backup";
import { cleanedUp } from "../cli/clean-up.ts";
import type { Standing } from "../cli/command.ts";
import { failure } from "../cli/command.ts";
import { databaseFailure } from "../database/database-failure.ts";
import { archivedRows, fingerprintOf } from "./archive.ts";
import type { StoredBackup } from "./backup-manifest.ts";
import { writeLater } from "./later-deliveries.file.ts";
import { clientProgram } from "./postgres-client.ts";
import type { ReplayedLater, ReplayOptions } from "./replay-later.ts";
import { replayFile } from "./replay-later.ts";
import { takeBackup } from "./take-backup.ts";

type Where = {
  readonly ownerUrl: string;
  /** The folder of Postgres' client programs, if not where they usually are. */
  readonly client: string | undefined;
  readonly env: Environment;
  readonly progress: (line: string) => void;
};

export type RestoreOptions = Where &
  ReplayOptions & {
    /** Whether there is a ledger in the database. */
    readonly present: boolean;
    /** For the backup of what is there, and for the deliveries that were received since. */
    readonly folder: string;
    readonly backUpFirst: boolean;
    /** Make the schema anew even where it is the backup's already. */
    readonly rebuild: boolean;
    readonly now: number;
  };

export type RestoredLedger = {
  readonly backup: StoredBackup;
  readonly rebuilt: boolean;
  /** What the database held before; `null` where there was no ledger in it, or none was wanted. */
  readonly before: StoredBackup | null;
  /** The deliveries that had been received since the backup; `null` where there was no ledger. */
  readonly later: (ReplayedLater & { readonly file: string }) | null;
};

/**
 * Restores a backup within a transaction that is rolled back, in an empty database: that of `into`, or one that is made
 * beside the ledger's and dropped again. Returns the row counts of the restored tables. Throws OpsError.
 */
export async function rehearseRestore(
  backup: StoredBackup,
  { into, ...where }: Where & { readonly into: string | undefined },
): Promise<Restored> {
  const plan = await planOf(backup, where);
  const rehearse = (url: string) =>
    restoreContent(url, {
      ...plan,
      save: null,
      rebuild: false,
      purpose: "rehearse",
      stands: () => undefined,
    });
  const url = into ?? where.ownerUrl;
  try {
    return into === undefined ? await withScratchDatabase(url, rehearse) : await rehearse(url);
  } catch (error) {
    throw restoreFailure(error, url);
  }
}

/**
 * Puts a backup in the place of the ledger: backs up what is there, saves what was received since, restores in one
 * transaction, and books what was saved. Throws OpsError: half-way from the commit on, with how to go on.
 */
export function restoreBackup(backup: StoredBackup, options: RestoreOptions): Promise<RestoredLedger> {
  return operation(options.ownerUrl, "restore", () => restoreHeld(backup, options));
}

async function restoreHeld(backup: StoredBackup, options: RestoreOptions): Promise<RestoredLedger> {
  const { ownerUrl, present, progress, standsAt } = options;
  const plan = await planOf(backup, options);
  standsAt({ changed: false, said: "Nothing was changed." });
  const before =
    present && options.backUpFirst ? await takeBackup({ ...options, purpose: "before_restore" }) : null;
  const file = join(options.folder, `${backup.name}-received-since-${options.now}.jsonl`);
  const write: NonNullable<RestorePlan["save"]>["write"] = async (deliveries, rows) => {
    const saved = await writeLater(file, deliveries, rows);
    progress(`${saved} events and rows since the backup are saved in ${file}`);
  };
  let state: RestoreState = "unchanged";
  const stands = (now: RestoreState) => {
    state = now;
    standsAt(standingAt(now, { before, file: present ? file : null, ...options }));
  };
  stands("unchanged");
  // Until the commit the file holds nothing that the ledger does not.
  const letGo = cleanedUp(() => {
    if (state === "unchanged") rmSync(file, { force: true });
  });
  const { rebuilt } = await restoreContent(ownerUrl, {
    ...plan,
    save: present ? { since: new Date(backup.manifest.created_at), write } : null,
    rebuild: options.rebuild,
    purpose: "restore",
    stands,
  })
    .catch((error: unknown) => {
      throw restoreFailure(error, ownerUrl);
    })
    .finally(letGo);
  progress(`the database holds what ${backup.name} holds`);
  const later = present ? { file, ...(await replayFile(file, options)) } : null;
  return { backup, rebuilt, before, later };
}

function standingAt(
  state: RestoreState,
  {
    before,
    file,
    replayCommand,
  }: { before: StoredBackup | null; file: string | null; replayCommand: ReplayOptions["replayCommand"] },
): Standing {
  const kept = before === null ? "" : ` What the ledger held is backed up as ${before.archive}.`;
  if (state === "unchanged")
    return { changed: false, said: `Nothing was changed.${kept} Next: restore again.` };
  const next = file === null ? "" : ` What was received since waits in ${file}. Next: ${replayCommand(file)}`;
  return state === "committed"
    ? { changed: true, said: `The ledger is restored.${kept}${next}` }
    : {
        changed: true,
        said: `Whether the restore was committed is not known.${kept}${next}${file === null ? "" : " (books only what is missing, so that it is right in both cases)"}`,
      };
}

async function planOf({ manifest, archive }: StoredBackup, { client, env, progress }: Where) {
  if (!existsSync(archive)) throw failure(`${archive} is missing: only its manifest is there.`);
  const pgRestore = await clientProgram("pg_restore", manifest.client_major, { env, folder: client });
  const { sha256 } = await fingerprintOf(archive);
  if (sha256 !== manifest.sha256) {
    throw failure(
      `${archive} is not the file that was backed up: its SHA-256 is another. Take another copy of it.`,
    );
  }
  const content = Object.entries(manifest.tables).map(
    ([table, rows]) => [table, { rows, checksum: manifest.checksums[table] ?? "" }] as const,
  );
  return {
    migrations: manifest.migrations.map(({ hash, created_at }) => ({ hash, createdAt: created_at })),
    content: Object.fromEntries(content),
    readRows: () => archivedRows(pgRestore, archive, env),
    log: progress,
  };
}

/** Until the commit nothing has changed. */
function restoreFailure(error: unknown, url: string): unknown {
  if (error instanceof RestoreError) return failure(`Nothing was changed: ${error.message}.`);
  if (
    error instanceof DbError &&
    error.kind !== "unavailable" &&
    error.code !== SQLSTATE.insufficientPrivilege
  ) {
    const told = [error.code, error.constraint].filter((part) => part !== null).join(", ");
    return failure(
      `Nothing was changed: the database did not take the backup (${told}). If its schema differs from the migrations, --rebuild makes it anew.`,
    );
  }
  return databaseFailure(error, url) ?? error;
}
