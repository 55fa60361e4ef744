/** C0 and C1 controls and DEL, line and paragraph separators, and the controls of bidirectional text. */
const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * Returns a stored text with its control characters as escapes, such as `\u001b`. Otherwise a sender could move the
 * cursor of an operator's terminal, set its clipboard or reverse its text.
 */
export function printable(text: string): string {
  return text.replace(CONTROLS, escaped);
}

/**
 * Returns a text of several lines in the same way, but keeps line breaks and tabs. JSON keeps its meaning, because the
 * escapes are JSON's own.
 */
export function printableLines(text: string): string {
  return text.replace(CONTROLS, (control) =>
    control === "\n" || control === "\t" ? control : escaped(control),
  );
}

function escaped(control: string): string {
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
