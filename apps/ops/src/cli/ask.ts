import { createInterface } from "node:readline/promises";

/**
 * Asks whoever sits at the terminal, on standard error, so that standard output stays the command's; `null` where
 * nobody does.
 */
export async function askAtTerminal(question: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question)).trim();
  } finally {
    terminal.close();
  }
}
