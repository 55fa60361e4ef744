import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { failure } from "../cli/command.ts";

/** What is known of a backup without opening it; lies beside the archive `<name>.dump` as `<name>.json`. */
export type BackupManifest = {
  readonly database: string;
  /** Of the server and the database in it; `null` or missing in older manifests: only the name is known. */
  readonly database_id?: string | null;
  /** Such as `15.18`. */
  readonly server_version: string;
  /** Major of the pg_dump that wrote the archive: pg_restore has to be as new. */
  readonly client_major: number;
  /** ISO 8601, by the database's clock: what the backup holds is what was committed by then. */
  readonly created_at: string;
  /** `before_restore`: what a restore was about to replace. */
  readonly purpose: "backup" | "before_restore";
  /** Of the archive, in hex. */
  readonly sha256: string;
  readonly size_bytes: number;
  /** Rows by table, such as `public.calls`. */
  readonly tables: Readonly<Record<string, number>>;
  /** By table: a checksum over all of its rows that does not depend on their order. */
  readonly checksums: Readonly<Record<string, string>>;
  /** The commit of the release that ran when it was taken; `null` or missing: not known. */
  readonly release?: string | null;
  readonly schema_version: number;
  /** The migrations that made its schema, as Drizzle's journal has them. */
  readonly migrations: readonly { readonly hash: string; readonly created_at: number }[];
};

/** A backup by its name, and where it lies. */
export type StoredBackup = {
  readonly name: string;
  readonly archive: string;
  readonly manifest: BackupManifest;
};

/** Where backups lie unless another folder is named. */
export const BACKUPS_FOLDER = "backups";

/** A database as its backups name it. */
export type DatabaseIdentity = { readonly database: string; readonly databaseId: string | null };

/** Whether a backup is of this database; of a server that does not say which it is, the name decides. */
export function isOf({ manifest }: StoredBackup, { database, databaseId }: DatabaseIdentity): boolean {
  const id = manifest.database_id ?? null;
  return manifest.database === database && (id === null || databaseId === null || id === databaseId);
}

/** The backups of a database in a folder, the newest first; none if there is no such folder. Other files are passed over. */
function backupsIn(folder: string, database: DatabaseIdentity): StoredBackup[] {
  return namesIn(folder)
    .flatMap((name) => {
      const manifest = manifestIn(join(folder, `${name}.json`));
      return manifest === null ? [] : [{ name, archive: join(folder, `${name}.dump`), manifest }];
    })
    .filter((backup) => isOf(backup, database))
    .sort((a, b) => b.manifest.created_at.localeCompare(a.manifest.created_at));
}

/** The newest that was not made by a restore; `null` where there is none. */
export function newestBackupIn(folder: string, database: DatabaseIdentity): StoredBackup | null {
  return backupsIn(folder, database).find(({ manifest }) => manifest.purpose === "backup") ?? null;
}

/** The same, where there has to be one. Throws a failure. */
export function newestBackup(folder: string, database: DatabaseIdentity): StoredBackup {
  const newest = newestBackupIn(folder, database);
  if (newest !== null) return newest;
  throw failure(
    `There is no backup of ${database.database} in ${folder}: name its file, or its folder with --backups DIR.`,
  );
}

/** The backup of an archive's path. Throws a failure where its manifest is missing or none. */
export function backupAt(archive: string): StoredBackup {
  const path = archive.replace(/\.dump$/, "");
  const manifest = manifestIn(`${path}.json`);
  if (manifest !== null) return { name: path.split("/").at(-1) ?? path, archive: `${path}.dump`, manifest };
  const fault = existsSync(`${path}.json`) ? "is no manifest of a backup" : "is not there";
  throw failure(`${path}.json ${fault}: a backup is the pair that the command backup wrote.`);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -5)] : []));
  } catch {
    return [];
  }
}

function manifestIn(path: string): BackupManifest | null {
  try {
    const read: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isManifest(read) ? read : null;
  } catch {
    return null;
  }
}

function isManifest(read: unknown): read is BackupManifest {
  if (typeof read !== "object" || read === null) return false;
  const has = (name: keyof BackupManifest, type: string) => typeof Reflect.get(read, name) === type;
  return (
    ["database", "server_version", "created_at", "purpose", "sha256"].every((name) =>
      has(name as keyof BackupManifest, "string"),
    ) &&
    has("client_major", "number") &&
    has("size_bytes", "number") &&
    has("schema_version", "number") &&
    has("tables", "object") &&
    has("checksums", "object") &&
    Array.isArray(Reflect.get(read, "migrations")) &&
    !Number.isNaN(Date.parse(String(Reflect.get(read, "created_at"))))
  );
}
