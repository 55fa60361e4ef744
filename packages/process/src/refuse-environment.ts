/** Exit code for an environment that has to be put right first. */
const USAGE = 2;

/** Prints a line a problem on standard error and exits with 2. Problems name variables and quote no value. */
export function refuseEnvironment(problems: readonly string[]): never {
  process.stderr.write(`The environment has to be put right first:\n  ${problems.join("\n  ")}\n`);
  process.exit(USAGE);
}
