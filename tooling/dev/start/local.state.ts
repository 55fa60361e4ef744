import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** The state that `npm start` keeps between two starts, in a git-ignored file that only its owner can read. */
export type LocalState = {
  readonly webhookSecret: string;
  readonly ownerPassword: string;
  readonly applicationPassword: string;
  /** ENCRYPTION_KEY of the embedded database: 32 bytes as base64. */
  readonly encryptionKey: string;
  /** The application's URL of the embedded database. */
  readonly databaseUrl?: string;
  /** The owner's URL of the embedded database. */
  readonly directDatabaseUrl?: string;
};

/** Reads the state of an earlier start. Missing secrets are created at random and written. `path` is absolute. */
export function loadState(path: string): LocalState {
  const known = readState(path) ?? {};
  const state: LocalState = {
    ...known,
    webhookSecret: known.webhookSecret ?? randomWord(),
    ownerPassword: known.ownerPassword ?? randomWord(),
    applicationPassword: known.applicationPassword ?? randomWord(),
    encryptionKey: known.encryptionKey ?? randomBytes(32).toString("base64"),
  };
  if (JSON.stringify(state) === JSON.stringify(known)) return state;
  mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
  const unfinished = writeBeside(path, state);
  try {
    // If two first starts run at the same time, one creates the file and the other reads it.
    linkSync(unfinished, path);
    return state;
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
    if (Object.keys(known).length === 0) return loadState(path);
    renameSync(unfinished, path);
    return state;
  } finally {
    rmSync(unfinished, { force: true });
  }
}

/** Replaces the file atomically. */
export function saveState(path: string, state: LocalState): void {
  renameSync(writeBeside(path, state), path);
}

function writeBeside(path: string, state: LocalState): string {
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  return unfinished;
}

function readState(path: string): Partial<LocalState> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    const entries = Object.entries(typeof value === "object" && value !== null ? value : {});
    return Object.fromEntries(entries.filter(([, text]) => typeof text === "string" && text !== ""));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw new Error(`${path} cannot be read; it keeps the passwords of the local database.`, {
      cause: error,
    });
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

// Letters, digits, "-" and "_" only, because they need no quoting in a shell or a URL.
function randomWord(): string {
  return randomBytes(24).toString("base64url");
}
