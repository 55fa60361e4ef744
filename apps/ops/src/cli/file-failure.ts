import type { OpsError } from "./command.ts";
import { unreachable } from "./command.ts";

const NO_ROOM = "has no room left on its disk: make room, or name another folder";
const NOT_ALLOWED = "may not be used by this user: change its rights, or name another folder";

/** The meaning of the file system's error codes for an operator. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ["ENOSPC", NO_ROOM],
  ["EDQUOT", NO_ROOM],
  ["EROFS", "is on a read-only disk: name another folder"],
  ["EACCES", NOT_ALLOWED],
  ["EPERM", NOT_ALLOWED],
  ["ENOENT", "does not exist"],
  ["ENOTDIR", "is below a file that is no folder"],
  ["EEXIST", "exists already, and is no folder"],
  ["EISDIR", "is a folder"],
  ["EIO", "cannot be read or written: check the disk"],
]);

/** Returns an error of the file system as a failure for an operator; `undefined` for errors of other kinds. */
export function fileFailure(error: unknown): OpsError | undefined {
  if (!(error instanceof Error && "code" in error && "syscall" in error)) return undefined;
  const meaning = MEANINGS.get(String(error.code));
  if (meaning === undefined) return undefined;
  return unreachable(`${"path" in error ? error.path : "The file"} ${meaning} (${error.code}).`);
}
