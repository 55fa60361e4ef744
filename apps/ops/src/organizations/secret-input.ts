import type { Surroundings } from "../cli/command.ts";
import { usage } from "../cli/command.ts";

/** How a secret is given, for the help of options that take one. */
export const SECRET_FORMS = "- reads it from standard input, env:NAME from a variable";

/**
 * The secrets that were given with these options, in their order; `undefined` where one was not. A command line is seen
 * by every process of the machine and kept by the shell, so `-` takes a line of standard input, one for each option
 * that says so, and `env:NAME` a variable of the environment. Throws a usage error for one that is empty.
 */
export async function secretsIn(
  options: Readonly<Record<string, string | undefined>>,
  { env, standardInput }: Surroundings,
): Promise<(string | undefined)[]> {
  const fromInput = Object.values(options).includes("-");
  const lines = fromInput ? (await standardInput()).split(/\r?\n/) : [];
  return Object.entries(options).map(([option, given]) => {
    if (given === undefined) return undefined;
    const name = /^env:(.+)$/.exec(given)?.[1];
    const secret = given === "-" ? lines.shift() : name === undefined ? given : env[name];
    if (secret !== undefined && secret.trim() !== "") return secret.trim();
    throw usage(
      name === undefined
        ? `--${option} - wants the secret on a line of standard input, and there is none.`
        : `--${option} ${given}: the variable ${name} is not set.`,
    );
  });
}
