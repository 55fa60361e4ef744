/** C0 and C1 controls and DEL, line and paragraph separators, and the controls of bidirectional text. */
const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * A stored text with its control characters as escapes, such as `\u001b`: a sender must not be able to move the cursor of
 * an operator's terminal, set its clipboard or reverse what it shows.
 */
export function printable(text: string): string {
  return text.replace(CONTROLS, escaped);
}

/** The same for text of several lines: its line breaks and tabs stay. JSON keeps its meaning, the escapes are JSON's own. */
export function printableLines(text: string): string {
  return text.replace(CONTROLS, (control) =>
    control === "\n" || control === "\t" ? control : escaped(control),
  );
}

function escaped(control: string): string {
  return `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
