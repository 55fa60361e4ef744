import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isAlive, stopLeftOver, temporaryFolder } from "@call-ledger/local-postgres";

const PREFIX = "call-ledger-test-";

/** Server settings of a temporary cluster, whose data need not survive a crash. */
export const THROWAWAY = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  max_connections: "200",
  // Copies of the template's files are not written to the log again.
  wal_level: "minimal",
  max_wal_senders: "0",
  // A client that stops during its login, such as a process with a blocked event loop, delays every DROP DATABASE.
  authentication_timeout: "10s",
  // Each test has its own database on one server.
  "call_ledger.share_roles": "on",
} as const;

/** Creates the folder for the clusters of a test run. Its name contains the process id of its owner. */
export function makeRunFolder(parent: string = temporaryFolder()): string {
  return mkdtempSync(join(parent, `${PREFIX}${process.pid}-`));
}

/** Stops and removes the clusters of runs that were killed. */
export async function sweepKilledRuns(parent: string = temporaryFolder()): Promise<void> {
  for (const name of readdirSync(parent)) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1]);
    const folder = join(parent, name);
    if (pid > 0 && !isAlive(pid) && isOwn(folder)) await removeRunFolder(folder);
  }
}

/** Stops every cluster in the folder, then removes the folder. */
export async function removeRunFolder(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) await stopLeftOver(join(folder, name));
  rmSync(folder, { recursive: true, force: true });
}

function isOwn(folder: string): boolean {
  return statSync(folder, { throwIfNoEntry: false })?.uid === process.getuid?.();
}
