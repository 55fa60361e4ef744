const MAX_FRAMES = 10;

type ErrorFields = {
  readonly error: string;
  readonly code?: string | undefined;
  readonly constraint?: string | undefined;
  readonly at?: readonly string[];
};

/**
 * Returns the facts of a thrown value that may be logged: its name, code and constraint, and where it was thrown. Never
 * its message, because parsers quote the text that they fail on, and Postgres quotes the row.
 */
export function errorFields(error: unknown): ErrorFields {
  if (!(error instanceof Error)) return { error: typeof error };
  return {
    error: error.name,
    code: textIn(error, "code"),
    constraint: textIn(error, "constraint"),
    at: framesOf(error),
  };
}

function textIn(error: Error, field: string): string | undefined {
  const value: unknown = Reflect.get(error, field);
  return typeof value === "string" && /^\w{1,80}$/.test(value) ? value : undefined;
}

/** Only frames after the message count, because the message may have lines that look like frames. */
function framesOf({ stack = "", message }: Error): string[] {
  const begin = stack.indexOf(message);
  if (begin === -1) return [];
  return stack
    .slice(begin + message.length)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at "))
    .slice(0, MAX_FRAMES);
}
