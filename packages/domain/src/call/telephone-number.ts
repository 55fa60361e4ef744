/** Returns whether a text is a telephone number, not a SIP address or a word such as `anonymous`. */
export function isTelephoneNumber(text: string): boolean {
  return /^[+0-9(][0-9 ().-]*$/.test(text);
}
