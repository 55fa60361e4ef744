import type { OpsError } from "./command.ts";
import { unreachable } from "./command.ts";

const NO_ROOM = "has no room left on its disk: make room, or name another folder";
const NOT_ALLOWED = "may not be used by this user: change its rights, or name another folder";

/** What the file system says to an operator. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", NO_ROOM],
  ["EDQUOT", NO_ROOM],
  ["EROFS", "is on a disk that is read-only: name another folder"],
  ["EACCES", NOT_ALLOWED],
  ["EPERM", NOT_ALLOWED],
  ["ENOENT", "is not there"],
  ["ENOTDIR", "is below something that is no folder"],
  ["EEXIST", "is there already, and is no folder"],
  ["EISDIR", "is a folder"],
  ["EIO", "cannot be read or written: look at the disk"],
]);

/** What an error of the file system means to an operator; `undefined` for errors of other kinds. */
export function fileFailure(error: unknown): OpsError | undefined {
  if (!(error instanceof Error && "code" in error && "syscall" in error)) return undefined;
  const meaning = MEANINGS.get(String(error.code));
  if (meaning === undefined) return undefined;
  return unreachable(`${"path" in error ? error.path : "The file"} ${meaning} (${error.code}).`);
}
