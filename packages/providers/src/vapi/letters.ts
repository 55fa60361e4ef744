const MAX_LETTERS = 200;

/** Returns the letters of a word in lower case, so that a word is recognized in any case and with any separators. */
export function lettersOf(word: string): string {
  return word
    .slice(0, MAX_LETTERS)
    .replaceAll(/[^a-z]/gi, "")
    .toLowerCase();
}
