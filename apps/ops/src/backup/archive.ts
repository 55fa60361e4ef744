import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { Environment } from "@call-ledger/config";
import type { LedgerSnapshot, TableRows } from "@call-ledger/db-operator/backup";
import { libpqLogin } from "../database/libpq-url.ts";
import { copyBlocks } from "./copy-blocks.ts";
import type { FoundClient } from "./postgres-client.ts";
import { runProgram } from "./postgres-client.ts";

const NEWLINE = 10;

/**
 * Writes the rows of the snapshot's tables into an archive in pg_dump's custom format. Runs as the operator, because an
 * owner under forced row-level security would get an empty archive with exit code 0. Tables are in the order of their
 * foreign keys.
 */
export async function writeArchive(
  pgDump: FoundClient,
  {
    ownerUrl,
    snapshot,
    path,
    env,
  }: {
    readonly ownerUrl: string;
    readonly snapshot: LedgerSnapshot;
    readonly path: string;
    readonly env: Environment;
  },
): Promise<void> {
  const login = libpqLogin(ownerUrl);
  const args = [
    `--dbname=${login.url}`,
    "--format=custom",
    "--data-only",
    "--enable-row-security",
    "--role=call_ledger_operator",
    `--snapshot=${snapshot.id}`,
    `--file=${path}`,
    ...Object.keys(snapshot.content).map((table) => `--table=${table}`),
  ];
  await runProgram(pgDump.path, args, { ...env, ...login.env }).ended;
}

/** Yields the rows of an archive, table by table. */
export async function* archivedRows(
  pgRestore: FoundClient,
  path: string,
  env: Environment,
): AsyncGenerator<TableRows> {
  const running = runProgram(pgRestore.path, ["--data-only", "--file=-", path], env);
  try {
    yield* copyBlocks(running.output);
    await running.ended;
  } finally {
    running.stop();
  }
}

/** Counts the rows of an archive by table. An archive that lists no table is empty. */
export async function countArchived(
  pgRestore: FoundClient,
  path: string,
  env: Environment,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for await (const { table, rows } of archivedRows(pgRestore, path, env)) {
    let count = 0;
    for await (const piece of rows) for (const byte of piece) if (byte === NEWLINE) count += 1;
    counts[table] = count;
  }
  return counts;
}

/** Returns the SHA-256 in hex and the size in bytes. */
export async function fingerprintOf(path: string): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const piece of createReadStream(path)) {
    hash.update(piece);
    sizeBytes += piece.length;
  }
  return { sha256: hash.digest("hex"), sizeBytes };
}
