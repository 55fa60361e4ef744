import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { unreachable } from "../../cli/command.ts";

const run = promisify(execFile);
const MAX_BYTES = 64 * 1024 * 1024;

/** Asks git about a folder. */
export type Git = {
  /** What it printed; `null` where it says no. Throws unreachable where there is no git. */
  ask(...args: string[]): Promise<string | null>;
};

export function gitIn(folder: string): Git {
  return {
    async ask(...args) {
      try {
        const { stdout } = await run("git", args, { cwd: folder, maxBuffer: MAX_BYTES });
        return stdout.trimEnd();
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") {
          throw unreachable("git is missing here (Debian package git), or the folder is.");
        }
        return null;
      }
    },
  };
}
