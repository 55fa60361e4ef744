import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { failure } from "../cli/command.ts";
import { fileFailure } from "../cli/file-failure.ts";

const manifestSchema = z.object({
  database: z.string(),
  /**
   * The id of the server and of the database in it. If it is `null` or missing (older manifests), only the name is
   * known.
   */
  database_id: z.string().nullish(),
  /** Such as `15.18`. */
  server_version: z.string(),
  /** The major of the pg_dump that wrote the archive. pg_restore needs at least this major. */
  client_major: z.number(),
  /** ISO 8601, by the database's clock. The backup contains all that was committed by then. */
  created_at: z.iso.datetime(),
  /** `before_restore`: a backup of the rows that a restore replaced. */
  purpose: z.enum(["backup", "before_restore"]),
  /** The checksum of the archive, in hex. */
  sha256: z.string(),
  size_bytes: z.number(),
  /** Rows by table, such as `public.calls`. */
  tables: z.record(z.string(), z.number()),
  /** A checksum over all rows of each table, independent of their order. */
  checksums: z.record(z.string(), z.string()),
  /** The commit of the release that ran when the backup was taken; `null` or missing if it is not known. */
  release: z.string().nullish(),
  /** The commit that the deployment after this backup was to start; `null` or missing: not known, or no deployment. */
  before_release: z.string().nullish(),
  schema_version: z.number(),
  /** The migrations that made its schema, as in Drizzle's journal. */
  migrations: z.array(z.object({ hash: z.string(), created_at: z.number() })),
});

/**
 * The facts about a backup that are known without opening it. The file `<name>.json` is next to the archive
 * `<name>.dump`.
 */
export type BackupManifest = Readonly<z.infer<typeof manifestSchema>>;

/** A backup with its name and its place. */
export type StoredBackup = {
  readonly name: string;
  readonly archive: string;
  readonly manifest: BackupManifest;
};

/** The default folder of backups. */
export const BACKUPS_FOLDER = "backups";

/** A database as its backups identify it. */
export type DatabaseIdentity = { readonly database: string; readonly databaseId: string | null };

/** Returns whether a backup is of this database. If its server has no known id, the name decides. */
export function isOf({ manifest }: StoredBackup, { database, databaseId }: DatabaseIdentity): boolean {
  const id = manifest.database_id ?? null;
  return manifest.database === database && (id === null || databaseId === null || id === databaseId);
}

/**
 * Returns the backups of a database in a folder that were not made by a restore, newest first; none if the folder does
 * not exist. Ignores other files. Throws OpsError if the folder cannot be read.
 */
export function backupsIn(folder: string, database: DatabaseIdentity): StoredBackup[] {
  return namesIn(folder)
    .flatMap((name) => {
      const manifest = manifestIn(join(folder, `${name}.json`));
      return manifest === null ? [] : [{ name, archive: join(folder, `${name}.dump`), manifest }];
    })
    .filter((backup) => backup.manifest.purpose === "backup" && isOf(backup, database))
    .sort((a, b) => b.manifest.created_at.localeCompare(a.manifest.created_at));
}

/** Returns the newest of them; `null` if there is none. */
export function newestBackupIn(folder: string, database: DatabaseIdentity): StoredBackup | null {
  return backupsIn(folder, database)[0] ?? null;
}

/** Returns the same. Throws a failure if there is none. */
export function newestBackup(folder: string, database: DatabaseIdentity): StoredBackup {
  const newest = newestBackupIn(folder, database);
  if (newest !== null) return newest;
  throw failure(
    `There is no backup of ${database.database} in ${folder}. Name its file, or its folder with --backups DIR.`,
  );
}

/** Returns the backup of an archive's path. Throws a failure if its manifest is missing or invalid. */
export function backupAt(archive: string): StoredBackup {
  if (statSync(archive, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw failure(
      `${archive} is a folder. Name the .dump file of a backup in it, or use --backups ${archive}.`,
    );
  }
  const path = archive.replace(/\.(?:dump|json)$/, "");
  const manifest = manifestIn(`${path}.json`);
  if (manifest !== null) return { name: path.split("/").at(-1) ?? path, archive: `${path}.dump`, manifest };
  accessSync(`${path}.json`, constants.R_OK);
  throw failure(
    `${path}.json is no manifest of a backup. A backup consists of the two files that the command backup wrote.`,
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -5)] : []));
  } catch (error) {
    if (!existsSync(folder)) return [];
    throw fileFailure(error) ?? error;
  }
}

function manifestIn(path: string): BackupManifest | null {
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return null;
  }
}
