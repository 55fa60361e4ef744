import { randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { canEnter, postgresUser } from "./system.user.ts";

/**
 * The folder for files of root that Postgres's own user has to reach. Not in /var/tmp, because systems delete old files
 * there.
 */
export const SHARED_FOLDER = "/var/lib/call-ledger";

/** The facts of a cluster that stay the same between two starts. They are in a file that only its owner can read. */
export type ClusterIdentity = {
  readonly major: number;
  readonly port: number;
  readonly superuserPassword: string;
};

/** The files of a cluster folder. */
export const filesOf = (folder: string) => ({
  data: join(folder, "data"),
  identity: join(folder, "cluster.json"),
  log: join(folder, "postgres.log"),
  holder: join(folder, "holder.json"),
  postmaster: join(folder, "data/postmaster.pid"),
});

/** Returns undefined if there is no cluster in the folder yet. */
export function readIdentity(folder: string): ClusterIdentity | undefined {
  const value = readJson(filesOf(folder).identity);
  if (typeof value !== "object" || value === null) return undefined;
  const { major, port, superuserPassword } = value as Partial<ClusterIdentity>;
  if (typeof major !== "number" || typeof port !== "number" || typeof superuserPassword !== "string") {
    return undefined;
  }
  return { major, port, superuserPassword };
}

/** Replaces the identity file atomically, readable by its owner only. */
export function writeIdentity(folder: string, identity: ClusterIdentity): void {
  writeJson(filesOf(folder).identity, identity);
}

/**
 * Returns the folder for a cluster. Root cannot use a folder below a closed one such as `/root`, because Postgres runs
 * as another user; the cluster then goes to SHARED_FOLDER, and `<wanted>.json` contains its path. `wanted` is an
 * absolute path.
 */
export function reachableFolder(wanted: string): string {
  const remembered = readJson(`${wanted}.json`);
  if (typeof remembered === "object" && remembered !== null && "folder" in remembered) {
    const folder = String(remembered.folder);
    if (existsSync(folder)) return folder;
  }
  const user = postgresUser();
  makeFolder(wanted, 0o711);
  if (!user || canEnter(wanted, user)) return wanted;
  const folder = join(SHARED_FOLDER, `cluster-${randomBytes(6).toString("hex")}`);
  makeFolder(SHARED_FOLDER, 0o755);
  makeFolder(folder, 0o711);
  writeJson(`${wanted}.json`, { folder });
  return folder;
}

/** Works as mkdir -p, and sets the mode even if the umask is strict. */
export function makeFolder(path: string, mode: number): void {
  mkdirSync(path, { recursive: true, mode });
  chmodSync(path, mode);
}

/** Returns undefined if the file is missing or not JSON. */
function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  renameSync(unfinished, path);
}

/**
 * Returns the folder for temporary clusters. Root runs Postgres as another user, who may not enter a private TMPDIR.
 */
export function temporaryFolder(): string {
  return process.getuid?.() === 0 ? "/tmp" : tmpdir();
}

/** Creates a folder for a temporary cluster, which Postgres's own user may enter. The caller removes it. */
export function scratchFolder(prefix: string): string {
  const folder = mkdtempSync(join(temporaryFolder(), prefix));
  chmodSync(folder, 0o711);
  return folder;
}
