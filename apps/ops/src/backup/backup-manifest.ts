import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What is known of a backup without opening it; lies beside the archive `<name>.dump` as `<name>.json`. */
type BackupManifest = {
  readonly database: string;
  /** ISO 8601: what the backup holds is what was committed by then. */
  readonly created_at: string;
  /** `before_restore`: what a restore was about to replace. */
  readonly purpose: "backup" | "before_restore";
  /** Of the archive, in hex. */
  readonly sha256: string;
  readonly size_bytes: number;
};

/** A backup by its name, and where it lies. */
export type StoredBackup = {
  readonly name: string;
  readonly archive: string;
  readonly manifest: BackupManifest;
};

/** Where backups lie unless another folder is named. */
export const BACKUPS_FOLDER = "backups";

/** The newest backup of a database that was not made by a restore; `null` where there is none. What is no manifest is passed over. */
export function newestBackupIn(folder: string, database: string): StoredBackup | null {
  const backups = namesIn(folder).flatMap((name) => {
    const manifest = manifestIn(join(folder, `${name}.json`));
    return manifest === null ? [] : [{ name, archive: join(folder, `${name}.dump`), manifest }];
  });
  const ours = backups.filter(
    ({ manifest }) => manifest.database === database && manifest.purpose === "backup",
  );
  return ours.sort((a, b) => b.manifest.created_at.localeCompare(a.manifest.created_at))[0] ?? null;
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
  const texts = ["database", "created_at", "purpose", "sha256"];
  return (
    texts.every((name) => typeof Reflect.get(read, name) === "string") &&
    typeof Reflect.get(read, "size_bytes") === "number" &&
    !Number.isNaN(Date.parse(String(Reflect.get(read, "created_at"))))
  );
}
