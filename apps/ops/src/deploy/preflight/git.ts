import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { unreachable } from "../../cli/command.ts";

const run = promisify(execFile);
const MAX_BYTES = 64 * 1024 * 1024;

/** Runs git in a folder. */
export type Git = {
  /** Returns the output of git; `null` if git exits with an error. Throws unreachable if git is not installed. */
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
          throw unreachable("git is not installed (Debian package git), or the folder does not exist.");
        }
        return null;
      }
    },
  };
}
