/**
 * What the bootstrap says, all of it on standard error: standard output belongs to the task.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`[call-ledger] ${line}\n`);
}

/**
 * Seconds since `startedAt`, for the end of a line.
 * @param {number} startedAt milliseconds of performance.now()
 */
export function secondsSince(startedAt) {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

/** Something the person at the terminal can put right; its message is shown without a stack. */
export class BootstrapError extends Error {}
