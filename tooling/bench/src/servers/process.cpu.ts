import { readdirSync, readFileSync } from "node:fs";

/** Linux counts in hundredths of a second for programs, whatever its own clock does. */
const TICKS_PER_SECOND = 100;

/** Processor time that a process has used, seconds; `undefined` where the system does not tell it simply, or it is gone. */
export function cpuSeconds(pid: number): number | undefined {
  const fields = statOf(pid);
  // User and system time are the 12th and 13th field after the name.
  return fields === undefined ? undefined : (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The same of a process and its children that live, which is how Postgres is built. */
export function familyCpuSeconds(pid: number): number | undefined {
  const own = cpuSeconds(pid);
  if (own === undefined) return undefined;
  const children = readdirSync("/proc").filter(
    (name) => /^\d+$/.test(name) && statOf(Number(name))?.[1] === String(pid),
  );
  return children.reduce((sum, child) => sum + (cpuSeconds(Number(child)) ?? 0), own);
}

/** The fields of a process's stat after its name, which stands in parentheses and may hold anything. */
function statOf(pid: number): readonly string[] | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ");
  } catch {
    return undefined;
  }
}
