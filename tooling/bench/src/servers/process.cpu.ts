import { familyOf, processStat } from "@call-ledger/testkit/process";

/** Linux reports times to programs in hundredths of a second, whatever its own clock does. */
const TICKS_PER_SECOND = 100;

/**
 * Returns the processor time of a process in seconds; `undefined` if it has ended or the system does not give the time
 * simply.
 */
export function cpuSeconds(pid: number): number | undefined {
  const fields = processStat(pid);
  // User and system time are the 12th and 13th field after the name.
  return fields === undefined ? undefined : (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Returns the same of a process and its running children. Postgres consists of such processes. */
export function familyCpuSeconds(pid: number): number | undefined {
  if (cpuSeconds(pid) === undefined) return undefined;
  return familyOf(pid).reduce((sum, one) => sum + (cpuSeconds(one) ?? 0), 0);
}
