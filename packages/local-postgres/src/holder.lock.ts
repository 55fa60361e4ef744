import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { filesOf } from "./cluster.folder.ts";
import { processIdentity } from "./process.identity.ts";

/** The result of an attempt to get the right to start and stop a cluster. */
export type Hold =
  | { readonly held: true; release(): void }
  | { readonly held: false; readonly holder: number };

/**
 * Takes a lock file for this process, unless a living process has it. The lock of a dead process is taken over. The
 * folder of `path` exists.
 */
export function takeHold(path: string): Hold {
  const own = JSON.stringify({ pid: process.pid, started: processIdentity(process.pid) });
  const written = `${path}.${process.pid}`;
  writeFileSync(written, own, { mode: 0o644 });
  try {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      // A link appears together with its content, so nobody reads a half-written lock.
      if (tryLink(written, path)) return { held: true, release: () => releaseOwn(path, own) };
      const holder = livingHolder(path);
      if (holder !== undefined) return { held: false, holder };
      rmSync(path, { force: true });
    }
    throw new Error(`The lock ${path} changes its owner again and again.`);
  } finally {
    rmSync(written, { force: true });
  }
}

/** Returns the process id in a lock file, if that process still lives. */
function livingHolder(path: string): number | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(path, "utf8")) as { pid: number; started?: string };
    return processIdentity(pid) === started ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the process that runs the cluster of a folder, if it lives. */
export function clusterHolder(folder: string): number | undefined {
  return livingHolder(filesOf(folder).holder);
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function releaseOwn(path: string, own: string): void {
  try {
    if (readFileSync(path, "utf8") === own) rmSync(path, { force: true });
  } catch {
    // The folder is deleted, and the lock with it.
  }
}
