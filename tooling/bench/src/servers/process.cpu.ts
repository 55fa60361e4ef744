import { familyOf, processStat } from "@call-ledger/testkit/process";

/** Linux counts in hundredths of a second for programs, whatever its own clock does. */
const TICKS_PER_SECOND = 100;

/** Processor time that a process has used, seconds; `undefined` where the system does not tell it simply, or it is gone. */
export function cpuSeconds(pid: number): number | undefined {
  const fields = processStat(pid);
  // User and system time are the 12th and 13th field after the name.
  return fields === undefined ? undefined : (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** The same of a process and its children that live, which is how Postgres is built. */
export function familyCpuSeconds(pid: number): number | undefined {
  if (cpuSeconds(pid) === undefined) return undefined;
  return familyOf(pid).reduce((sum, one) => sum + (cpuSeconds(one) ?? 0), 0);
}
