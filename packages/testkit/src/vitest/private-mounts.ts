import { spawnSync } from "node:child_process";
import { describeOrLeaveOut, MOUNTING } from "./system.tool.ts";

/** Root needs a mount namespace only; others become root in a user namespace, where the system lets them. */
const WAYS = [
  ["unshare", "--mount"],
  ["unshare", "--user", "--map-root-user", "--mount"],
] as const;

/**
 * Tests that mount file systems which nobody else sees and which are gone with the process. Where the machine does not
 * allow that they are left out, which the run names at its end; under CI=true they fail instead.
 * @param body registers the tests; gets the command that a program is started with so that it may mount
 */
export function describeWithPrivateMounts(name: string, body: (within: readonly string[]) => void): void {
  const within = WAYS.find(([program, ...options]) => {
    const rehearsal = [...options, "mount", "-t", "tmpfs", "-o", "size=64k", "none", "/mnt"];
    return spawnSync(program, rehearsal, { stdio: "ignore" }).status === 0;
  });
  describeOrLeaveOut<readonly string[]>(within, [], MOUNTING, name, body);
}
