import type { Interface } from "node:readline/promises";
import { createInterface } from "node:readline/promises";

/** A terminal at which a person can answer questions. */
export type Terminal = {
  /** Returns the typed text without blanks around it; `null` if there is no terminal, or after the input has ended. */
  ask(question: string): Promise<string | null>;
  leave(): void;
};

type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/**
 * Returns a terminal. Questions go to `output`, because standard output belongs to the command. One reader serves all
 * questions, because a second one would lose lines that were typed ahead.
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
