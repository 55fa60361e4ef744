import type { Surroundings } from "./command.ts";
import { usage } from "./command.ts";

/**
 * Has a name typed before something is done that cannot be undone by doing it again; a pipeline gives it beforehand.
 * Throws a usage error where it is another name, or where nobody is there to type it.
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
      ? `${warning} Nobody is at the terminal to confirm it: say ${option} ${name}.`
      : `Nothing was done: that is not ${name}.`,
  );
}
