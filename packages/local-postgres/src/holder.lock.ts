import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { filesOf } from "./cluster.folder.ts";
import { processIdentity } from "./process.identity.ts";

/** The result of an attempt to get the right to start and stop a cluster. */
export type Hold =
  | {
      readonly held: true;
      /** Tells the others that this process is about to stop the cluster, so that they wait for its end. */
      leave(): void;
      release(): void;
    }
  | { readonly held: false; readonly holder: number; readonly isLeaving: boolean };

/**
 * Takes a lock file for this process, unless a living process has it. The lock of a dead process is taken over. The
 * folder of `path` exists.
 */
export function takeHold(path: string): Hold {
  const holder = { pid: process.pid, started: processIdentity(process.pid) };
  const own = JSON.stringify(holder);
  const written = `${path}.${process.pid}`;
  writeFileSync(written, own, { mode: 0o644 });
  try {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      // A link appears together with its content, so nobody reads a half-written lock.
      if (tryLink(written, path)) {
        const left = JSON.stringify({ ...holder, isLeaving: true });
        return {
          held: true,
          leave: () => {
            writeFileSync(written, left);
            renameSync(written, path);
          },
          release: () => releaseOwn(path, [own, left]),
        };
      }
      const living = livingHolder(path);
      if (living !== undefined) return { held: false, holder: living.pid, isLeaving: living.isLeaving };
      rmSync(path, { force: true });
    }
    throw new Error(`The lock ${path} changes its owner again and again.`);
  } finally {
    rmSync(written, { force: true });
  }
}

/** Returns the process in a lock file, if it still lives. */
function livingHolder(path: string): { readonly pid: number; readonly isLeaving: boolean } | undefined {
  try {
    const { pid, started, isLeaving = false } = JSON.parse(readFileSync(path, "utf8"));
    return processIdentity(pid) === started ? { pid, isLeaving } : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the process that runs the cluster of a folder, if it lives. */
export function clusterHolder(folder: string): number | undefined {
  return livingHolder(filesOf(folder).holder)?.pid;
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

function releaseOwn(path: string, own: readonly string[]): void {
  try {
    if (own.includes(readFileSync(path, "utf8"))) rmSync(path, { force: true });
  } catch {
    // The folder is deleted, and the lock with it.
  }
}
