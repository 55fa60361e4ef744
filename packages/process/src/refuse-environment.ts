/** Exit code for an invalid environment. */
const USAGE = 2;

/** Prints one line for each problem on standard error, and exits with 2. Problems name variables and quote no value. */
export function refuseEnvironment(problems: readonly string[]): never {
  process.stderr.write(`The environment has to be put right first:\n  ${problems.join("\n  ")}\n`);
  process.exit(USAGE);
}
