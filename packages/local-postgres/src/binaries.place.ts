import { chmodSync, cpSync, existsSync, lstatSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { PostgresBinaries } from "./binaries.locate.ts";
import { makeFolder, SHARED_FOLDER } from "./cluster.folder.ts";
import { canEnter, type SystemUser } from "./system.user.ts";

/**
 * Returns binaries that the user may execute: the installed ones, or a copy if they are below a closed folder such as
 * `/root`.
 */
export function placeBinaries(
  binaries: PostgresBinaries,
  user: SystemUser | undefined,
  log: (line: string) => void,
): PostgresBinaries {
  if (!user || canEnter(join(binaries.home, "bin"), user)) return binaries;
  const home = join(SHARED_FOLDER, `postgres-${binaries.version}-${process.arch}`);
  if (existsSync(home)) return { ...binaries, home };
  log(`copying Postgres to ${home}: its user cannot enter this folder`);
  makeFolder(SHARED_FOLDER, 0o755);
  const unfinished = `${home}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  cpSync(binaries.home, unfinished, { recursive: true, verbatimSymlinks: true });
  openToAll(unfinished);
  try {
    renameSync(unfinished, home);
  } catch (error) {
    // Another process has finished the same copy meanwhile.
    rmSync(unfinished, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
  return { ...binaries, home };
}

function openToAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stat = lstatSync(path);
    if (stat.isDirectory()) openToAll(path);
    else if (stat.isFile()) chmodSync(path, stat.mode & 0o100 ? 0o755 : 0o644);
  }
}
