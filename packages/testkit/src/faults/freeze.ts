import { familyOf } from "../process/process.family.ts";

/**
 * Freezes a process and its children with SIGSTOP: their connections stay open and they do nothing.
 * @returns lets them go on
 */
export function freeze(pid: number): () => void {
  const frozen = familyOf(pid);
  for (const one of frozen) process.kill(one, "SIGSTOP");
  return () => {
    for (const one of frozen) process.kill(one, "SIGCONT");
  };
}
