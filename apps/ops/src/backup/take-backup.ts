import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "@call-ledger/config";
import { sharesSessions } from "@call-ledger/db/client";
import { operation } from "@call-ledger/db/migrate";
import type { LedgerSnapshot } from "@call-ledger/db-operator/backup";
import { HiddenRows, withSnapshot } from "@call-ledger/db-operator/backup";
import { cleanedUp } from "../cli/clean-up.ts";
import { failure, unreachable } from "../cli/command.ts";
import { databaseFailure } from "../database/database-failure.ts";
import { countArchived, fingerprintOf, writeArchive } from "./archive.ts";
import type { BackupManifest, StoredBackup } from "./backup-manifest.ts";
import { clientProgram } from "./postgres-client.ts";

export type BackupOptions = {
  readonly ownerUrl: string;
  /** Made where it is missing, for its owner's eyes only. */
  readonly folder: string;
  /** Where the programs of Postgres' client are, if not where they usually are. */
  readonly client: string | undefined;
  readonly purpose: BackupManifest["purpose"];
  /** The commit that runs, if it is known. */
  readonly release?: string | null;
  readonly env: Environment;
  readonly progress: (line: string) => void;
};

const POOLED =
  "The database's URL is that of a pooler in transaction mode, where pg_dump would leave its role to somebody else: set " +
  "DIRECT_DATABASE_URL to the database itself, or to a session pooler.";

const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;

/**
 * Backs up the rows of the ledger's tables as of one moment, reads the archive back and counts its rows against the
 * database as of that moment. Both files are readable by their owner only, and are there whole or not at all.
 * Throws OpsError.
 */
export async function takeBackup(options: BackupOptions): Promise<StoredBackup> {
  mkdirSync(options.folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
  try {
    if (await sharesSessions(options.ownerUrl)) throw unreachable(POOLED);
    return await operation(options.ownerUrl, "backup", () =>
      withSnapshot(options.ownerUrl, (snapshot) => backUp(snapshot, options)),
    );
  } catch (error) {
    if (error instanceof HiddenRows) throw failure(`There is no backup: ${error.message}.`);
    throw databaseFailure(error, options.ownerUrl) ?? error;
  }
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
    compare(await countArchived(pgRestore, unfinished, env), snapshot);
    const { sha256, sizeBytes } = await fingerprintOf(unfinished);
    const manifest: BackupManifest = {
      database: snapshot.database,
      database_id: snapshot.databaseId,
      server_version: snapshot.serverVersion,
      client_major: pgDump.major,
      created_at: snapshot.takenAt.toISOString(),
      purpose: options.purpose,
      release: options.release ?? null,
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

/** `ledger-20260312T150500123Z`: sorts by time. */
function nameOf({ database, takenAt }: LedgerSnapshot, purpose: BackupManifest["purpose"]): string {
  const time = takenAt.toISOString().replace(/[-:.]/g, "");
  const suffix = purpose === "backup" ? "" : "-before-restore";
  return `${database.replace(/[^\w.-]/g, "_")}-${time}${suffix}`;
}

function compare(archived: Readonly<Record<string, number>>, { content }: LedgerSnapshot): void {
  const wrong = Object.entries(content).filter(([table, { rows }]) => archived[table] !== rows);
  if (wrong.length === 0) return;
  const told = wrong.map(([table, { rows }]) => `${table} (${archived[table] ?? "none"} of ${rows} rows)`);
  throw failure(
    `The backup does not hold what the database held: ${told.join(", ")}. Nothing was kept of it.`,
  );
}
