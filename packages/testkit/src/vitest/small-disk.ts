import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { mayMount } from "./private-mounts.ts";
import { describeOrLeaveOut, MOUNTING } from "./system.tool.ts";

/** A file system in memory, mounted on an empty folder of ours. */
export type SmallDisk = {
  /** Uses all free bytes. Returns a function that frees them. */
  fill(): () => void;
  unmount(): void;
};
export type MountDisk = (folder: string, megabytes: number) => SmallDisk;

const CHUNKS = [1_048_576, 4_096];

/**
 * Returns a function that mounts small disks, as root or with sudo; `undefined` if the machine does not allow mounts.
 */
export function diskMounter(): MountDisk | undefined {
  const as = [[], ["sudo", "-n"]].find((prefix) => mayMount([...prefix, "unshare", "--mount"]));
  return as && ((folder, megabytes) => mounted(as, folder, megabytes));
}

/**
 * Registers tests that need a small disk. If the machine does not allow mounts, the tests are left out and the run
 * names them at its end; under CI=true they fail instead.
 */
export function describeWithDisk(mount: MountDisk | undefined, name: string, body: () => void): void {
  describeOrLeaveOut<unknown>(mount, null, MOUNTING, name, body);
}

function mounted(as: readonly string[], folder: string, megabytes: number): SmallDisk {
  const owner = `uid=${process.getuid?.()},gid=${process.getgid?.()},mode=711`;
  if (!run([...as, "mount", "-t", "tmpfs", "-o", `size=${megabytes}m,${owner}`, "none", folder])) {
    throw new Error(`nothing could be mounted at ${folder}`);
  }
  return {
    fill() {
      const filler = join(folder, "filler");
      const file = openSync(filler, "w");
      for (const bytes of CHUNKS) while (hasRoomFor(file, Buffer.alloc(bytes)));
      closeSync(file);
      return () => rmSync(filler);
    },
    unmount: () => void run([...as, "umount", folder]),
  };
}

function hasRoomFor(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) === bytes.length;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOSPC") return false;
    throw error;
  }
}

function run([program = "", ...args]: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}
