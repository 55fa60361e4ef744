import type { Interface } from "node:readline/promises";
import { createInterface } from "node:readline/promises";

/** Where somebody can be asked. */
export type Terminal = {
  /** What was typed, without blanks around it; `null` where nobody sits there, or from the moment on at which the input ended. */
  ask(question: string): Promise<string | null>;
  leave(): void;
};

type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/**
 * Somebody at a terminal. Questions go to `output`, so that standard output stays the command's. One reader serves all
 * questions, because what is typed ahead would be lost with it.
 */
export function terminalOf(input: Input, output: NodeJS.WritableStream): Terminal {
  const gone = new AbortController();
  let reader: Interface | null = null;
  const opened = () => {
    if (reader === null) {
      reader = createInterface({ input, output });
      reader.once("close", () => gone.abort());
    }
    return reader;
  };
  return {
    async ask(question) {
      if (input.isTTY !== true || gone.signal.aborted) return null;
      try {
        return (await opened().question(question, { signal: gone.signal })).trim();
      } catch (error) {
        if (!(error instanceof Error && error.name === "AbortError")) throw error;
        return null;
      }
    },
    leave: () => reader?.close(),
  };
}
