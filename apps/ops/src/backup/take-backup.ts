import {
  chmodSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Environment } from "@call-ledger/config";
import { sharesSessions } from "@call-ledger/db/client";
import { operation } from "@call-ledger/db/migrate";
import type { LedgerSnapshot } from "@call-ledger/db-operator/backup";
import { HiddenRows, withSnapshot } from "@call-ledger/db-operator/backup";
import { cleanedUp } from "../cli/clean-up.ts";
import { failure, OpsError, unreachable } from "../cli/command.ts";
import { databaseFailure } from "../database/database-failure.ts";
import { countArchived, fingerprintOf, writeArchive } from "./archive.ts";
import type { BackupManifest, StoredBackup } from "./backup-manifest.ts";
import { clientProgram } from "./postgres-client.ts";

export type BackupOptions = {
  readonly ownerUrl: string;
  /** The folder of the backup. It is created if it is missing, for its owner only. */
  readonly folder: string;
  /** The folder of Postgres' client programs, if it is not a usual one. */
  readonly client: string | undefined;
  readonly purpose: BackupManifest["purpose"];
  /** The running commit, if it is known. */
  readonly release?: string | null;
  /** The commit that the deployment is to start, if the backup is a part of one. */
  readonly beforeRelease?: string | null;
  readonly env: Environment;
  readonly progress: (line: string) => void;
};

const POOLED =
  "DATABASE_URL is that of a pooler in transaction mode, where the role of pg_dump would stay with a connection of " +
  "others. Set DIRECT_DATABASE_URL to the database itself, or to a session pooler.";

const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/**
 * Backs up the rows of the ledger's tables as of one moment. Reads the archive back and compares its row counts with
 * the database as of that moment. Both files are readable by their owner only, and exist only if they are complete.
 * Throws OpsError.
 */
export async function takeBackup(options: BackupOptions): Promise<StoredBackup> {
  makeFolder(resolve(options.folder));
  try {
    if (await sharesSessions(options.ownerUrl)) throw unreachable(POOLED);
    return await operation(options.ownerUrl, "backup", () =>
      withSnapshot(options.ownerUrl, (snapshot) => backUp(snapshot, options)),
    );
  } catch (error) {
    if (error instanceof HiddenRows) throw failure(`No backup was made: ${error.message}.`);
    throw databaseFailure(error, options.ownerUrl) ?? error;
  }
}

/** Node's own recursive mkdir never ends in a folder that takes none, such as /proc. */
function makeFolder(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  if (!existsSync(dirname(path))) makeFolder(dirname(path));
  mkdirSync(path, { mode: OWNER_ONLY_FOLDER });
}

async function backUp(snapshot: LedgerSnapshot, options: BackupOptions): Promise<StoredBackup> {
  const { folder, client, env, progress } = options;
  const where = { env, folder: client };
  const pgDump = await clientProgram("pg_dump", snapshot.serverMajor, where);
  const pgRestore = await clientProgram("pg_restore", pgDump.major, where);
  const name = nameOf(snapshot, options.purpose);
  const archive = join(folder, `${name}.dump`);
  const unfinished = `${archive}.unfinished`;
  const tables = Object.entries(snapshot.content);
  progress(`backing up ${tables.length} tables of ${snapshot.database} with pg_dump ${pgDump.major}`);
  const removeUnfinished = cleanedUp(() => rmSync(unfinished, { force: true }));
  try {
    writeFileSync(unfinished, "", { mode: OWNER_ONLY });
    chmodSync(unfinished, OWNER_ONLY);
    await writeArchive(pgDump, { ownerUrl: options.ownerUrl, snapshot, path: unfinished, env });
    progress("reading it back");
    const archived = await countArchived(pgRestore, unfinished, env).catch((error: unknown) => {
      throw unreadBackup(error, folder);
    });
    compare(archived, snapshot);
    const { sha256, sizeBytes } = await fingerprintOf(unfinished);
    const manifest: BackupManifest = {
      database: snapshot.database,
      database_id: snapshot.databaseId,
      server_version: snapshot.serverVersion,
      client_major: pgDump.major,
      created_at: snapshot.takenAt.toISOString(),
      purpose: options.purpose,
      release: options.release ?? null,
      before_release: options.beforeRelease ?? null,
      sha256,
      size_bytes: sizeBytes,
      tables: Object.fromEntries(tables.map(([table, { rows }]) => [table, rows])),
      checksums: Object.fromEntries(tables.map(([table, { checksum }]) => [table, checksum])),
      schema_version: snapshot.schema.version,
      migrations: snapshot.migrations.map(({ hash, createdAt }) => ({ hash, created_at: createdAt })),
    };
    renameSync(unfinished, archive);
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(manifest, null, 2)}\n`, {
      mode: OWNER_ONLY,
    });
    return { name, archive, manifest };
  } finally {
    removeUnfinished();
  }
}

/** Returns a name such as `ledger-20260312T150500123Z`, which sorts by time. */
function nameOf({ database, takenAt }: LedgerSnapshot, purpose: BackupManifest["purpose"]): string {
  const time = takenAt.toISOString().replace(/[-:.]/g, "");
  const suffix = purpose === "backup" ? "" : "-before-restore";
  return `${database.replace(/[^\w.-]/g, "_")}-${time}${suffix}`;
}

/**
 * Says that it is the new backup that cannot be read. An older pg_dump can leave a part of it on a full disk, and exit
 * with 0.
 */
function unreadBackup(error: unknown, folder: string): unknown {
  if (!(error instanceof OpsError)) return error;
  const why = statfsSync(folder).bavail === 0 ? `The disk of ${folder} has no room left.` : error.message;
  return unreachable(`The new backup cannot be read back, and was deleted. ${why}`);
}

function compare(archived: Readonly<Record<string, number>>, { content }: LedgerSnapshot): void {
  const wrong = Object.entries(content).filter(([table, { rows }]) => archived[table] !== rows);
  if (wrong.length === 0) return;
  const differences = wrong.map(
    ([table, { rows }]) => `${table} (${archived[table] ?? "none"} of ${rows} rows)`,
  );
  throw failure(`The backup differs from the database: ${differences.join(", ")}. It was deleted.`);
}
