import type { Surroundings } from "../cli/command.ts";
import { usage } from "../cli/command.ts";

/** The ways to pass a secret, for the help of the options. */
export const SECRET_FORMS = "- reads it from standard input, env:NAME from a variable";

/**
 * Returns the secrets of these options in their order; `undefined` if one was not given. Every process of the machine
 * can read a command line, and the shell stores it. So `-` reads a line of standard input for each such option, and
 * `env:NAME` reads a variable of the environment. Throws a usage error if a secret is empty.
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
        ? `--${option} - reads the secret from a line of standard input, and there is none.`
        : `--${option} ${given}: the variable ${name} is not set.`,
    );
  });
}
