import { accessSync, constants, rmSync } from "node:fs";
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
  /** The folder of Postgres' client programs, if it is not a usual one. */
  readonly client: string | undefined;
  readonly env: Environment;
  readonly progress: (line: string) => void;
};

export type RestoreOptions = Where &
  ReplayOptions & {
    /** Whether the database contains a ledger. */
    readonly present: boolean;
    /** The folder of the backup of the present rows, and of the deliveries that were received after the backup. */
    readonly folder: string;
    readonly backUpFirst: boolean;
    /** Whether to create the schema again even if it is already the backup's. */
    readonly rebuild: boolean;
    readonly now: number;
  };

export type RestoredLedger = {
  readonly backup: StoredBackup;
  readonly rebuilt: boolean;
  /** The backup of the rows that were replaced; `null` if there was no ledger, or no backup was wanted. */
  readonly before: StoredBackup | null;
  /** The deliveries that were received after the backup; `null` if there was no ledger. */
  readonly later: (ReplayedLater & { readonly file: string }) | null;
};

/**
 * Restores a backup in an empty database, within a transaction that is rolled back. The database is that of `into`, or
 * one that is created next to the ledger's and dropped again. Returns the row counts of the restored tables. Throws
 * OpsError.
 */
export async function rehearseRestore(
  backup: StoredBackup,
  {
    into,
    standsAt,
    ...where
  }: Where & { readonly into: string | undefined } & Pick<RestoreOptions, "standsAt">,
): Promise<Restored> {
  const plan = await planOf(backup, where);
  const rehearse = (url: string) => {
    const left =
      into === undefined ? ` If the database ${new URL(url).pathname.slice(1)} is left, drop it.` : "";
    standsAt({ changed: false, message: `The ledger was not changed.${left}` });
    return restoreContent(url, {
      ...plan,
      save: null,
      rebuild: false,
      purpose: "rehearse",
      stands: () => undefined,
    });
  };
  const url = into ?? where.ownerUrl;
  try {
    return into === undefined ? await withScratchDatabase(url, rehearse) : await rehearse(url);
  } catch (error) {
    throw restoreFailure(error, url);
  }
}

/**
 * Replaces the ledger by a backup: backs up the present rows, saves the deliveries since the backup, restores in one
 * transaction, and books the saved deliveries. Throws OpsError; after the commit it is half-way and has the next
 * command.
 */
export function restoreBackup(backup: StoredBackup, options: RestoreOptions): Promise<RestoredLedger> {
  return operation(options.ownerUrl, "restore", () => restoreHeld(backup, options));
}

async function restoreHeld(backup: StoredBackup, options: RestoreOptions): Promise<RestoredLedger> {
  const { ownerUrl, present, progress, standsAt } = options;
  const plan = await planOf(backup, options);
  standsAt({ changed: false, message: "Nothing was changed." });
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
  // Until the commit, all content of the file is in the ledger too.
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
  progress(`the database has the rows of ${backup.name}`);
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
  const kept = before === null ? "" : ` The ledger before the restore is backed up as ${before.archive}.`;
  if (state === "unchanged")
    return { changed: false, message: `Nothing was changed.${kept} Next: restore again.` };
  const next =
    file === null
      ? ""
      : ` The deliveries since the backup are in ${file} and not yet booked. Next: ${replayCommand(file)}`;
  return state === "committed"
    ? { changed: true, message: `The ledger is restored.${kept}${next}` }
    : {
        changed: true,
        message: `It is not known whether the restore was committed.${kept}${next}${file === null ? "" : " (it books only missing deliveries, so you can run it in both cases)"}`,
      };
}

async function planOf({ manifest, archive }: StoredBackup, { client, env, progress }: Where) {
  accessSync(archive, constants.R_OK);
  const pgRestore = await clientProgram("pg_restore", manifest.client_major, { env, folder: client });
  const { sha256 } = await fingerprintOf(archive);
  if (sha256 !== manifest.sha256) {
    throw failure(
      `${archive} has another SHA-256 than in its manifest, so it is damaged. Use another copy of it.`,
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

/** Explains an error of a restore. Until the commit nothing has changed. */
function restoreFailure(error: unknown, url: string): unknown {
  if (error instanceof RestoreError) return failure(`Nothing was changed: ${error.message}.`);
  if (
    error instanceof DbError &&
    error.kind !== "unavailable" &&
    error.code !== SQLSTATE.insufficientPrivilege
  ) {
    const code = [error.code, error.constraint].filter((part) => part !== null).join(", ");
    return failure(
      `Nothing was changed: the database refused the backup (${code}). If its schema differs from the migrations, --rebuild creates it again.`,
    );
  }
  return databaseFailure(error, url) ?? error;
}
