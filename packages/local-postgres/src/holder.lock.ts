import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { filesOf } from "./cluster.folder.ts";
import { processIdentity } from "./process.identity.ts";

/** Who may start and stop a cluster. */
export type Hold =
  | { readonly held: true; release(): void }
  | { readonly held: false; readonly holder: number };

/**
 * Takes a lock file for this process unless a living process has it. The lock of a dead process is taken over.
 * @param path in an existing folder
 */
export function takeHold(path: string): Hold {
  const own = JSON.stringify({ pid: process.pid, started: processIdentity(process.pid) });
  const written = `${path}.${process.pid}`;
  writeFileSync(written, own, { mode: 0o644 });
  try {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      // A link appears with its content, so nobody ever reads a lock that is half written.
      if (tryLink(written, path)) return { held: true, release: () => releaseOwn(path, own) };
      const holder = livingHolder(path);
      if (holder !== undefined) return { held: false, holder };
      rmSync(path, { force: true });
    }
    throw new Error(`The lock ${path} changes hands all the time.`);
  } finally {
    rmSync(written, { force: true });
  }
}

/** @returns the process id in a lock file, when that process still lives */
function livingHolder(path: string): number | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(path, "utf8")) as { pid: number; started?: string };
    return processIdentity(pid) === started ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** @returns the process that runs the cluster of a folder, when it lives */
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
    // The folder is gone, and the lock with it.
  }
}
