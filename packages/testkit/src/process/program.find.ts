import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Returns the absolute path of a program of the system; undefined if the machine does not have it. */
export function findProgram(name: string, path = searchPath()): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

// Debian keeps servers in sbin, which is not in the PATH of an ordinary user.
function searchPath(): string {
  // biome-ignore lint/style/noProcessEnv: test tooling, which packages/config knows nothing of.
  return [process.env.PATH ?? "", "/usr/sbin", "/usr/local/sbin"].join(delimiter);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
