import { readFileSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type ClusterIdentity, filesOf, readIdentity } from "./cluster.folder.ts";
import { commandLine, processIdentity } from "./process.identity.ts";

const POLL_MS = 20;
const STOP_MS = 30_000;

/** A cluster that accepts connections. */
export type RunningCluster = {
  readonly port: number;
  /** Process id of the postmaster. */
  readonly pid: number;
  readonly superuserUrl: string;
};

/** Returns undefined if no server of this folder accepts connections. */
export function runningCluster(folder: string): RunningCluster | undefined {
  const identity = readIdentity(folder);
  const server = postmaster(folder);
  if (!identity || server?.state !== "ready") return undefined;
  const port = server.port;
  return { port, pid: server.pid, superuserUrl: superuserUrl({ ...identity, port }) };
}

/** Returns the superuser's URL of the database `postgres`. */
export function superuserUrl({ port, superuserPassword }: ClusterIdentity): string {
  return `postgres://postgres:${superuserPassword}@127.0.0.1:${port}/postgres`;
}

/** Returns the living postmaster of a folder, from the file that Postgres itself keeps (lines 1, 4 and 8). */
export function postmaster(folder: string): { pid: number; port: number; state: string } | undefined {
  const lines = lockLines(folder);
  const pid = Number(lines[0]);
  // After a reboot the process id may belong to another program.
  if (!(pid > 0) || !commandLine(pid).includes(filesOf(folder).data)) return undefined;
  return { pid, port: Number(lines[3]), state: (lines[7] ?? "").trim() };
}

function lockLines(folder: string): string[] {
  try {
    return readFileSync(filesOf(folder).postmaster, "utf8").split("\n");
  } catch {
    return [];
  }
}

/**
 * Stops a server that outlived its starter. A lock file of Postgres is deleted only if its process id now belongs to
 * another program. In all other cases Postgres itself knows best whether parts of that server still live. Returns the
 * process id of the stopped server.
 */
export async function stopLeftOver(folder: string): Promise<number | undefined> {
  const server = postmaster(folder);
  if (server) {
    process.kill(server.pid, "SIGINT");
    if (!(await isGone(server.pid))) process.kill(server.pid, "SIGQUIT");
    if (!(await isGone(server.pid))) {
      throw new Error(`Postgres (process ${server.pid}) does not stop; its data is in ${folder}.`);
    }
  }
  const leftPid = Number(lockLines(folder)[0]);
  if (leftPid > 0 && commandLine(leftPid) !== "") rmSync(filesOf(folder).postmaster, { force: true });
  return server?.pid;
}

async function isGone(pid: number): Promise<boolean> {
  const until = Date.now() + STOP_MS;
  while (processIdentity(pid) !== undefined) {
    if (Date.now() > until) return false;
    await sleep(POLL_MS);
  }
  return true;
}
