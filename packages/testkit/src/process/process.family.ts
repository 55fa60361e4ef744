import { readdirSync, readFileSync } from "node:fs";

/** A process and its children, by id; the process alone where the system has no /proc. */
export function familyOf(pid: number): number[] {
  if (process.platform !== "linux") return [pid];
  const children = readdirSync("/proc").filter(
    (name) => /^\d+$/.test(name) && processStat(Number(name))?.[1] === String(pid),
  );
  return [pid, ...children.map(Number)];
}

/**
 * The fields of /proc/<pid>/stat after the name, which stands in parentheses and may hold anything: the state first.
 * @returns undefined when there is no such process or the system has no /proc
 */
export function processStat(pid: number): readonly string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ");
  } catch {
    return undefined;
  }
}
