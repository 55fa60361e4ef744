/** A line on standard error, where all progress goes. */
export function say(line: string): void {
  process.stderr.write(`[call-ledger] ${line}\n`);
}

/** Runs a step and says that it is done, with the seconds it took. */
export async function timed<T>(done: string, step: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await step();
  say(`${done} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
  return result;
}
