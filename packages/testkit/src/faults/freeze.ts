import { familyOf } from "../process/process.family.ts";

/**
 * Freezes a process and its children with SIGSTOP: their connections stay open, but they do nothing. Returns a function
 * that continues them.
 */
export function freeze(pid: number): () => void {
  const frozen = familyOf(pid);
  for (const one of frozen) process.kill(one, "SIGSTOP");
  return () => {
    for (const one of frozen) process.kill(one, "SIGCONT");
  };
}
