import { readdirSync, readFileSync } from "node:fs";

/** Returns the ids of a process and its children; only the process itself if the system has no /proc. */
export function familyOf(pid: number): number[] {
  if (process.platform !== "linux") return [pid];
  const children = readdirSync("/proc").filter(
    (name) => /^\d+$/.test(name) && processStat(Number(name))?.[1] === String(pid),
  );
  return [pid, ...children.map(Number)];
}

/**
 * Returns the fields of /proc/<pid>/stat after the name, which is in parentheses and may contain any character. The
 * first field is the state. Returns undefined if there is no such process or the system has no /proc.
 */
export function processStat(pid: number): readonly string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ");
  } catch {
    return undefined;
  }
}
