import { spawnSync } from "node:child_process";
import { describeOrLeaveOut, MOUNTING } from "./system.tool.ts";

/** Root needs only a mount namespace. Other users become root in a user namespace, if the system allows it. */
const WAYS = [
  ["unshare", "--mount"],
  ["unshare", "--user", "--map-root-user", "--mount"],
] as const;

/**
 * Registers tests that mount file systems. Other processes do not see the mounts, which end with the process. If the
 * machine does not allow that, the tests are left out and the run names them at its end; under CI=true they fail
 * instead. `body`: registers the tests; its argument is the command with which a program has to be started so that it
 * may mount.
 */
export function describeWithPrivateMounts(name: string, body: (within: readonly string[]) => void): void {
  describeOrLeaveOut<readonly string[]>(WAYS.find(mayMount), [], MOUNTING, name, body);
}

/** Returns whether a file system can be mounted by programs that this command starts. Nothing stays mounted. */
export function mayMount([program = "", ...options]: readonly string[]): boolean {
  const mount = [...options, "mount", "-t", "tmpfs", "-o", "size=64k", "none", "/mnt"];
  return spawnSync(program, mount, { stdio: "ignore" }).status === 0;
}
