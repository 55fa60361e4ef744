import type { Surroundings } from "./command.ts";
import { usage } from "./command.ts";

/**
 * Asks for a name before an action that cannot be undone by repeating it. A pipeline passes the name as an option.
 * Throws a usage error if the name differs, or if there is no terminal to type it.
 */
export async function confirmName(
  { ask }: Pick<Surroundings, "ask">,
  {
    name,
    given,
    warning,
    option = "--confirm",
  }: {
    readonly name: string;
    readonly given: string | undefined;
    readonly warning: string;
    /** The option of `given`. */
    readonly option?: string;
  },
): Promise<void> {
  const typed = given ?? (await ask(`${warning}\nType ${name} to go on: `));
  if (typed === name) return;
  throw usage(
    typed === null
      ? `${warning} There is no terminal to confirm it: use ${option} ${name}.`
      : `Nothing was done: the typed name is not ${name}.`,
  );
}
