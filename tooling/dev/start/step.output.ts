/** Prints a line of progress on standard error. */
export function say(line: string): void {
  process.stderr.write(`[call-ledger] ${line}\n`);
}

/** Runs a step, then prints that it is done and the seconds it took. */
export async function timed<T>(done: string, step: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await step();
  say(`${done} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
  return result;
}
