import { createInterface } from "node:readline/promises";
import type { Answer } from "./preflight.world.ts";

export type Operator = {
  /** Yes, no, or `null` from the moment on at which the input ended (Ctrl-C, Ctrl-D). */
  ask(question: string): Promise<Answer>;
  leave(): void;
};

/** Somebody at a terminal. Questions go to `output`, so that standard output stays the report. */
export function operatorAt(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): Operator {
  const terminal = createInterface({ input, output });
  const gone = new AbortController();
  terminal.once("close", () => gone.abort());
  return {
    async ask(question) {
      if (gone.signal.aborted) return NOBODY;
      try {
        const answer = await terminal.question(`${question} [y/N] `, { signal: gone.signal });
        return { yes: /^y(es)?$/i.test(answer.trim()), by: "by the operator" };
      } catch (error) {
        if (!(error instanceof Error && error.name === "AbortError")) throw error;
        terminal.close();
        return NOBODY;
      }
    },
    leave: () => terminal.close(),
  };
}

const NOBODY: Answer = { yes: null, by: "" };
