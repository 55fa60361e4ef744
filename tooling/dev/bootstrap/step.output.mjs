/**
 * Prints a line of the bootstrap on standard error. Standard output belongs to the task.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`[call-ledger] ${line}\n`);
}

/**
 * Returns the seconds since `startedAt`, for the end of a line.
 * @param {number} startedAt milliseconds of performance.now()
 */
export function secondsSince(startedAt) {
  return `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
}

/** An error that the person at the terminal can correct. Its message is printed without a stack. */
export class BootstrapError extends Error {}

/**
 * @param {string} output what a package manager printed before it failed
 * @returns {string} the reason if it is a known one, else the end of the output
 */
export function explain(output) {
  const unreachable =
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|ERR_PNPM_META_FETCH_FAIL|error sending request/;
  const found = unreachable.exec(output);
  if (found) {
    return `The npm registry cannot be reached (${found[0]}): is there a network, or a proxy to set (HTTPS_PROXY)?`;
  }
  return `The output of the package manager ends with:\n${output.trimEnd().split("\n").slice(-25).join("\n")}`;
}
