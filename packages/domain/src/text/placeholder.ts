/** Words that senders write instead of a value that they do not know, in lower case. */
export const PLACEHOLDERS = ["null", "undefined", "none", "unknown", "n/a", "-", "[object object]"] as const;

const WORDS: ReadonlySet<string> = new Set(PLACEHOLDERS);
const MAX_LENGTH = Math.max(...PLACEHOLDERS.map(({ length }) => length));
const UNFILLED = /^\{\{[^{}]*\}\}$/;

/** Returns whether a text stands for an unknown value: such a word, or a field of a template that was not filled. */
export function isPlaceholder(text: string): boolean {
  const word = text.trim();
  return (word.length <= MAX_LENGTH && WORDS.has(word.toLowerCase())) || UNFILLED.test(word);
}
